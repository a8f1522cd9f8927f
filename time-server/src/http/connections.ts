/**
 * Which connections are kept. A server on a small board has room for some, and most clients leave
 * theirs open: the one that was idle longest makes room for a new one.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from './network.ts'

/** One open connection. */
export interface Connection {
  /** The client's address, or its /64 network with IPv6. */
  readonly network: string
  readonly isLoopback: boolean
  /** Whether a request is being answered. */
  isBusy: boolean
  /** When it was last of use, on the monotonic clock. */
  usedAtMs: number
}

export interface ConnectionLimits {
  readonly total: number
  readonly perNetwork: number
  /** Beyond `total`, for this machine: the container's own health check always gets through. */
  readonly loopbackReserve: number
}

export const connectionLimits: ConnectionLimits = {
  total: 128,
  perNetwork: 32,
  loopbackReserve: 16,
}

/** What to do about one more connection. `close`: which one makes room for it. */
export type Admission<T> =
  | { readonly kind: 'admit'; readonly close: T | null }
  | { readonly kind: 'refuse' }

/** Decides about `newcomer`; `open` are the others. Pure. */
export function admit<T extends Connection>(
  newcomer: Connection,
  open: Iterable<T>,
  limits: ConnectionLimits,
): Admission<T> {
  const all = [...open]
  const siblings = all.filter(({ network }) => network === newcomer.network)
  if (!newcomer.isLoopback && siblings.length >= limits.perNetwork) return inPlaceOf(siblings)
  if (all.length < limits.total) return { kind: 'admit', close: null }
  const instead = inPlaceOf(all)
  const hasRoom = newcomer.isLoopback && all.length < limits.total + limits.loopbackReserve
  return instead.kind === 'refuse' && hasRoom ? { kind: 'admit', close: null } : instead
}

function inPlaceOf<T extends Connection>(some: readonly T[]): Admission<T> {
  const [oldest] = some.filter(({ isBusy }) => !isBusy).toSorted((a, b) => a.usedAtMs - b.usedAtMs)
  return oldest === undefined ? { kind: 'refuse' } : { kind: 'admit', close: oldest }
}

interface Kept extends Connection {
  readonly socket: Socket
}

export interface Connections {
  /** That of a request. */
  of(socket: Socket): Connection
}

/** Bounds the connections of a server; `onClosed` is told of each that was refused or made room. */
export function boundConnections(server: Server, onClosed: () => void): Connections {
  const open = new Map<Socket, Kept>()
  server.on('connection', (socket: Socket) => {
    const { network, isLoopback } = networkOf(socket.remoteAddress ?? '')
    const usedAtMs = performance.now()
    const kept: Kept = { socket, network, isLoopback, isBusy: false, usedAtMs }
    const admission = admit(kept, open.values(), connectionLimits)
    if (admission.kind === 'refuse') {
      onClosed()
      socket.destroy()
      return
    }
    if (admission.close !== null) {
      onClosed()
      open.delete(admission.close.socket)
      admission.close.socket.destroy()
    }
    open.set(socket, kept)
    socket.on('close', () => open.delete(socket))
  })
  return {
    of: (socket) => open.get(socket) ?? { ...networkOf(''), isBusy: true, usedAtMs: 0 },
  }
}
