/**
 * An NTP server that says what a file tells it to say, true or not. Usage: `node ntp-source.ts FILE
 * ADDRESS`. FILE is JSON and is read for each reply, so that a test can make the clock jump:
 * `aheadSeconds`, `stratum`, `rootDispersionSeconds`, and `refid`, which is four characters or an IPv4
 * address. What is left out is a good stratum 1. Only for tests.
 */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { refidOf, replyTo } from '@timeball/clock/sweep/test/scripted-server.ts'
import { z } from 'zod'

const schema = z.object({
  aheadSeconds: z.number().default(0),
  refid: z.string().default('GPS'),
  stratum: z.number().default(1),
  rootDispersionSeconds: z.number().default(0.001),
})

const [file = '', address = ''] = process.argv.slice(2)
const socket = createSocket('udp4')
socket.on('message', (request, from) => {
  const { aheadSeconds, refid, ...said } = schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const packet = { ...said, refid: refidOf(refid), poll: 3 }
  socket.send(replyTo(request, { aheadSeconds, packet }), from.port, from.address)
})
socket.bind(123, address, () => process.stdout.write('ready\n'))
