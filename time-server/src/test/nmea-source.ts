/**
 * A GPS receiver with a fix, once a second, over TCP: what gpsd can be pointed at. Usage: `node
 * nmea-source.ts PORT [DAYS]`; its clock is so many days ahead.
 */
import { createServer } from 'node:net'
import type { Socket } from 'node:net'

const aheadMs = Number(process.argv[3] ?? 0) * 86_400_000
const clients = new Set<Socket>()
const server = createServer((client) => {
  clients.add(client)
  client.on('close', () => clients.delete(client)).on('error', () => {})
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('ready\n'))

function tell(): void {
  const [, year = '', month = '', day = '', time = ''] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(Date.now() + aheadMs).toISOString()) ?? []
  const clock = `${time.replaceAll(':', '')}.00`
  const place = '4807.038,N,01131.000,E'
  const lines = [
    sentence(`GPRMC,${clock},A,${place},000.0,000.0,${day}${month}${year},,,A`),
    sentence(`GPGGA,${clock},${place},1,08,0.9,545.4,M,46.9,M,,`),
    sentence('GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.5,0.9,1.2'),
    sentence('GPGSV,3,1,09,01,40,083,46,02,17,308,41,03,07,344,39,04,22,228,45'),
    sentence('GPGSV,3,2,09,05,40,183,46,06,17,208,41,07,07,144,39,08,22,128,45'),
    sentence('GPGSV,3,3,09,09,12,028,20'),
  ]
  for (const client of clients) client.write(lines.join(''))
}

function sentence(text: string): string {
  const sum = Buffer.from(text).reduce((sum, byte) => sum ^ byte, 0)
  return `$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`
}

/** At the beginning of each second, as a receiver does. */
function schedule(): void {
  setTimeout(
    () => {
      tell()
      schedule()
    },
    1000 - (Date.now() % 1000),
  )
}
schedule()
