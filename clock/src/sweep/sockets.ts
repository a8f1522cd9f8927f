/** The few UDP sockets of a sweep, and addresses in one spelling. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { SocketAddress } from 'node:net'
import { ipFamily } from '@timeball/lib/address.ts'

export interface SocketPool {
  /** The packet leaves, or `onError` is called with the system's code. */
  send(packet: Uint8Array, to: Destination, onError: (code: string) => void): void
  close(): void
}

export interface Destination {
  readonly address: string
  readonly port: number
}

export type OnMessage = (bytes: Uint8Array, from: RemoteInfo) => void

/** Several, so that answers find room in more than one receive buffer. */
const socketsPerFamily = 4
const receiveBufferBytes = 1 << 21

/**
 * Opens sockets for the families that are asked for; each has a random source port, which is a
 * second secret beside the cookie. A family that this machine does not have fails at sending.
 */
export async function openSockets(
  families: ReadonlySet<4 | 6>,
  onMessage: OnMessage,
): Promise<SocketPool> {
  const pools = new Map<4 | 6, Socket[]>()
  for (const family of families) {
    const opening = Array.from({ length: socketsPerFamily }, () => open(family, onMessage))
    const opened = await Promise.all(opening)
    pools.set(
      family,
      opened.filter((socket) => socket !== null),
    )
  }
  let next = 0
  return {
    send(packet, { address, port }, onError) {
      const sockets = pools.get(ipFamily(address) ?? 4) ?? []
      next += 1
      const socket = sockets[next % sockets.length]
      if (socket === undefined) return onError('EAFNOSUPPORT')
      try {
        socket.send(packet, port, address, (error) => {
          if (error !== null) onError('code' in error ? String(error.code) : error.name)
        })
      } catch (error) {
        onError(error instanceof Error && 'code' in error ? String(error.code) : 'send')
      }
    },
    close() {
      for (const socket of [...pools.values()].flat()) {
        socket.removeAllListeners('message')
        socket.close()
      }
    },
  }
}

function open(family: 4 | 6, onMessage: OnMessage): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      // Targets are addresses: answering at once lets the packet leave when its time is read.
      lookup: (host, _options, callback) => callback(null, host, family),
    })
    socket.once('error', () => resolve(null))
    socket.bind(0, () => {
      socket.removeAllListeners('error')
      // Asynchronous errors concern one packet, which then has no answer.
      socket.on('error', () => {})
      widenReceiveBuffer(socket)
      socket.on('message', onMessage)
      resolve(socket)
    })
  })
}

function widenReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes)
  } catch {
    // The system's own size will do.
  }
}

/** One spelling for each address: IPv6 in the shortest form and without its zone. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address
  const [bare = address] = address.split('%')
  return ipFamily(bare) === 6 ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}
