/**
 * Bounds on the connections of an HTTP server: whoever holds many, idle or half-open, makes nobody
 * else wait.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface ConnectionBounds {
  /** Of all other machines together. */
  readonly total: number
  /** Of one other machine; IPv6 addresses of one /64 are one machine. */
  readonly perClient: number
  /** Of this machine: room for a supervisor's question, whatever the others do. */
  readonly local: number
}

/** An open connection; `isBusy` while a request of it is answered. */
export interface Held {
  readonly client: string
  readonly isBusy: boolean
}

/** All connections of this machine. */
export const thisMachine = 'this machine'

/** Who holds a connection, by the address that the socket tells. */
export function clientOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^::ffff:/i, '')
  if (bare === '::1' || bare.startsWith('127.')) return thisMachine
  return bare.includes(':') ? networkOf(bare) : bare
}

/** The first four groups of an IPv6 address, as `net` writes it: lower case, one `::` at most. */
function networkOf(address: string): string {
  const [head = '', tail = ''] = address.split('::')
  const given = head === '' ? [] : head.split(':')
  const missing = 8 - given.length - (tail === '' ? 0 : tail.split(':').length)
  const groups = address.includes('::') ? [...given, ...Array(missing).fill('0')] : given
  return groups.slice(0, 4).join(':')
}

/**
 * What a new connection of `client` needs: nothing, the place of another one (the oldest idle one
 * of the client who holds the most), or it may not stay. `open` is in the order of arrival.
 */
export function placeFor<T extends Held>(
  client: string,
  open: readonly T[],
  bounds: ConnectionBounds,
): 'free' | 'none' | T {
  const isLocal = client === thisMachine
  const own = open.filter((held) => held.client === client)
  if (own.length >= (isLocal ? bounds.local : bounds.perClient)) return oldestIdle(own) ?? 'none'
  if (isLocal) return 'free'
  const remote = open.filter((held) => held.client !== thisMachine)
  return remote.length < bounds.total ? 'free' : (oldestIdle(ofTheLargest(remote)) ?? 'none')
}

function oldestIdle<T extends Held>(open: readonly T[]): T | undefined {
  return open.find(({ isBusy }) => !isBusy)
}

/** The connections of the client who holds the most idle ones. */
function ofTheLargest<T extends Held>(open: readonly T[]): readonly T[] {
  const idle = Map.groupBy(
    open.filter(({ isBusy }) => !isBusy),
    ({ client }) => client,
  )
  return [...idle.values()].toSorted((one, other) => other.length - one.length)[0] ?? []
}

/** From now on connections to `server` are held within `bounds`. */
export function boundConnections(server: Server, bounds: ConnectionBounds): void {
  const open = new Map<Socket, { readonly client: string; isBusy: boolean; cut: () => void }>()
  server.on('connection', (socket: Socket) => {
    const client = clientOf(socket.remoteAddress)
    const place = placeFor(client, [...open.values()], bounds)
    if (place === 'none') {
      socket.destroy()
      return
    }
    if (place !== 'free') place.cut()
    const cut = (): void => {
      open.delete(socket)
      socket.destroy()
    }
    open.set(socket, { client, isBusy: false, cut })
    socket.on('close', () => open.delete(socket))
  })
  server.prependListener('request', ({ socket }, response) => {
    const held = open.get(socket)
    if (held === undefined) return
    held.isBusy = true
    response.on('close', () => {
      held.isBusy = false
    })
  })
}
