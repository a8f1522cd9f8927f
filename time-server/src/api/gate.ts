/** Lets in whoever has a key, before anything else is done for a request, and counts whom it does not. */
import type { IncomingMessage } from 'node:http'
import { failureAnswer, headerOf } from '../http/answer.ts'
import type { Answer } from '../http/answer.ts'
import { attempts } from '../http/attempts.ts'
import type { Connection } from '../http/connections.ts'
import type { KeyRing, Ticket } from '../keys/key-ring.ts'
import type { Log } from '../log.ts'
import type { Refusals } from '../refusals.ts'

export interface Gate {
  /** Why a request is not answered: 401 or 429; `null` when it is let in, for so many tokens. */
  refuse(request: IncomingMessage, connection: Connection, tokens: number): Answer | null
}

const longestKey = 1024
/** Nobody mistypes a key so often, and nobody guesses one so slowly. */
const failureLimits = { burst: 20, perMinute: 20, maxClients: 1024 }

const unauthorized = failureAnswer(
  401,
  'unauthorized',
  'send a key as "Authorization: Bearer KEY" or "X-API-Key: KEY"',
  ['www-authenticate', 'Bearer realm="time-server"'],
)

/** The key that a connection has shown, and what it was worth. */
interface Shown {
  readonly presented: string
  readonly ticket: Ticket
}

export function keyGate(ring: KeyRing, refusals: Refusals, log: Log): Gate {
  const failures = attempts(failureLimits)
  // Who has shown a key on a connection needs not be compared with all keys again on it.
  const shown = new WeakMap<Connection, Shown>()

  function shownOn(connection: Connection, presented: string): Ticket | null {
    const former = shown.get(connection)
    return former?.ticket.counts === true && former.presented === presented ? former.ticket : null
  }

  /** The failures of a client do not touch the connections on which it has shown a right key. */
  function ticketFor(presented: string | null, connection: Connection): Ticket | Answer {
    const { network } = connection
    const wait = failures.waitSeconds(network, performance.now())
    if (wait > 0) {
      refusals.count('failures')
      return later('too many requests without a right key', wait)
    }
    const ticket = presented === null ? null : ring.find(presented)
    if (presented === null || ticket === null) {
      failures.fail(network, performance.now())
      refusals.count('key')
      log('debug', 'request without a right key', { client: network })
      return unauthorized
    }
    shown.set(connection, { presented, ticket })
    return ticket
  }

  return {
    refuse(request, connection, tokens) {
      if (ring.isOpen) return null
      const presented = presentedKey(request)
      const known = presented === null ? null : shownOn(connection, presented)
      const ticket = known ?? ticketFor(presented, connection)
      if ('status' in ticket) return ticket
      const wait = ring.spend(ticket, tokens, connection.usedAtMs)
      if (wait === 0) return null
      refusals.count('rate')
      return later('too many requests with this key', wait)
    },
  }
}

function later(what: string, seconds: number): Answer {
  const headers = ['retry-after', String(seconds)]
  return failureAnswer(429, 'rate-limited', `${what}; again in ${seconds} s`, headers)
}

function presentedKey(request: IncomingMessage): string | null {
  const authorization = headerOf(request, 'authorization')?.slice(0, longestKey) ?? ''
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  return bearer ?? headerOf(request, 'x-api-key')?.slice(0, longestKey).trim() ?? null
}
