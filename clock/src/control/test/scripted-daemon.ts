/** A daemon on a loopback port which answers control messages as a test says. Only for tests. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** What was asked. `names` are the variables in the order of the request. */
export interface Asked {
  readonly opcode: number
  readonly sequence: number
  readonly association: number
  readonly names: readonly string[]
}

/** One datagram of an answer; what is left out is as an honest daemon would have it. */
export interface Reply {
  readonly status?: number
  readonly data?: string | Uint8Array
  readonly offset?: number
  readonly hasMore?: boolean
  readonly isError?: boolean
  readonly sequence?: number
  readonly association?: number
}

export interface ScriptedDaemon {
  readonly port: number
  /** Everything that was asked so far. */
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

/** Starts it. `script` gives the datagrams to send back, bytes as they are; none is silence. */
export async function scriptedDaemon(
  script: (asked: Asked) => readonly (Reply | Uint8Array)[],
): Promise<ScriptedDaemon> {
  const asked: Asked[] = []
  const socket = createSocket('udp4')
  socket.on('message', (request, from) => {
    const question = readRequest(request)
    asked.push(question)
    for (const reply of script(question)) {
      const bytes = reply instanceof Uint8Array ? reply : encodeReply(question, reply)
      socket.send(bytes, from.port, from.address)
    }
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    asked,
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** `name=value` for each name that `values` knows; what ntpsec does with names it does not have. */
export function variablesFor(asked: Asked, values: Readonly<Record<string, string>>): string {
  const known = asked.names.filter((name) => name in values)
  return `${known.map((name) => `${name}=${values[name]}`).join(', ')}\r\n`
}

function readRequest(bytes: Buffer): Asked {
  const names = bytes.subarray(12, 12 + bytes.readUInt16BE(10)).toString('latin1')
  return {
    opcode: bytes.readUInt8(1) & 0x1f,
    sequence: bytes.readUInt16BE(2),
    association: bytes.readUInt16BE(6),
    names: names === '' ? [] : names.split(','),
  }
}

function encodeReply(asked: Asked, reply: Reply): Buffer {
  const data = Buffer.from(reply.data ?? '')
  const header = Buffer.alloc(12)
  header[0] = 0x16
  header[1] = 0x80 | (reply.isError ? 0x40 : 0) | (reply.hasMore ? 0x20 : 0) | asked.opcode
  header.writeUInt16BE(reply.sequence ?? asked.sequence, 2)
  header.writeUInt16BE(reply.status ?? 0, 4)
  header.writeUInt16BE(reply.association ?? asked.association, 6)
  header.writeUInt16BE(reply.offset ?? 0, 8)
  header.writeUInt16BE(data.length, 10)
  return Buffer.concat([header, data])
}
