/**
 * Which keys are let in, and how often. The keys can be replaced while requests are under way: each
 * request is decided once, by the keys of that moment.
 */
import { timingSafeEqual } from 'node:crypto'
import { digestOf } from './parse-keys.ts'
import type { ApiKey } from './parse-keys.ts'

/** A key that was presented and counts. Its tokens are refilled steadily, to as many as a minute has. */
export interface Ticket {
  /** For logs. */
  readonly name: string
  /** `false` from when the key was taken away. */
  readonly counts: boolean
}

export interface KeyRing {
  /** Whether everybody is let in: there is no key, and none has to be. */
  readonly isOpen: boolean
  readonly size: number
  /** `null`: no such key. */
  find(presented: string): Ticket | null
  /** Takes tokens; the seconds to wait when there are too few, else 0. `nowMs` is monotonic. */
  spend(ticket: Ticket, tokens: number, nowMs: number): number
  /** From now on these keys count. A key that stays keeps its count. */
  replace(keys: readonly ApiKey[]): void
}

/** `mode`: `open` lets everybody in while there is no key; `closed` then lets nobody in. */
export interface KeyRingOptions {
  readonly keys: readonly ApiKey[]
  readonly mode: 'open' | 'closed'
  /** For keys without a limit of their own. */
  readonly perMinute: number
}

interface Held extends Ticket {
  readonly digest: Buffer
  name: string
  counts: boolean
  perMinute: number
  tokens: number
  atMs: number
}

const minuteMs = 60_000

export function keyRing(options: KeyRingOptions): KeyRing {
  let held: Held[] = []
  replace(options.keys)

  function replace(keys: readonly ApiKey[]): void {
    const former = new Map(held.map((each) => [each.digest.toString('hex'), each]))
    for (const each of held) each.counts = false
    held = keys.map(({ name, digest, perMinute: own }) => {
      const perMinute = own ?? options.perMinute
      const same = former.get(digest.toString('hex'))
      if (same === undefined) {
        return { name, digest, counts: true, perMinute, tokens: perMinute, atMs: -Infinity }
      }
      return Object.assign(same, { name, counts: true, perMinute })
    })
  }

  return {
    get isOpen() {
      return options.mode === 'open' && held.length === 0
    },
    get size() {
      return held.length
    },
    /** Compares with every key, and hashes in constant time: the time tells nothing about a key. */
    find(presented) {
      const digest = digestOf(presented)
      let found: Held | null = null
      for (const each of held) if (timingSafeEqual(each.digest, digest)) found = each
      return found
    },
    spend(ticket, tokens, nowMs) {
      const key = held.find((each) => each === ticket)
      if (key === undefined) return 0
      const { perMinute } = key
      const refill = ((nowMs - key.atMs) * perMinute) / minuteMs
      key.tokens = Math.min(perMinute, key.tokens + refill)
      key.atMs = nowMs
      // More than a whole minute's is never there.
      const price = Math.min(tokens, perMinute)
      if (key.tokens < price) return Math.ceil(((price - key.tokens) * 60) / perMinute)
      key.tokens -= price
      return 0
    },
    replace,
  }
}
