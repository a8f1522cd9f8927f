/**
 * Many NTP servers in one process, for bench/sweep.ts: a socket for each address, since Node cannot
 * choose the source address of a reply. Ends with its standard input.
 * Usage: `node bench/ntp-servers.ts COUNT`, where port 123 of 127.0.0.0/8 may be bound.
 */
import { createSocket } from 'node:dgram'
import { stampFromUnixNs } from '@timeball/clock/ntp/packet.ts'
import { serverAddress } from './server-address.ts'

const count = Number(process.argv[2])

/** A stratum 1 with GPS; bytes as in RFC 5905 section 7.3. */
const template = Buffer.alloc(48)
template.set([0x24, 1, 6, 0xec])
template.writeUInt32BE(65, 8)
template.write('GPS', 12, 'latin1')

function reply(request: Buffer): Buffer {
  const answer = Buffer.from(template)
  const stamp = stampFromUnixNs(Temporal.Now.instant().epochNanoseconds)
  answer.writeBigUInt64BE(stamp, 16)
  request.copy(answer, 24, 40, 48)
  answer.writeBigUInt64BE(stamp, 32)
  answer.writeBigUInt64BE(stamp, 40)
  return answer
}

let bound = 0
for (let index = 0; index < count; index += 1) {
  const socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  })
  socket.on('message', (request, from) => {
    if (request.byteLength >= 48) socket.send(reply(request), from.port, from.address)
  })
  socket.bind(123, serverAddress(index), () => {
    bound += 1
    if (bound === count) process.stdout.write('ready\n')
  })
}
process.stdin.on('end', () => process.exit()).resume()
