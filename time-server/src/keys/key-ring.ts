/**
 * Which keys are let in, and how often. The keys can be replaced while requests are under way: each
 * request is decided once, by the keys of that moment.
 */
import { timingSafeEqual } from 'node:crypto'
import { digestOf } from './parse-keys.ts'
import type { ApiKey } from './parse-keys.ts'

/** What was decided about one request. `name` is `null` where no key is needed. */
export type Admission =
  | { readonly kind: 'admitted'; readonly name: string | null }
  | { readonly kind: 'refused' }
  | { readonly kind: 'limited'; readonly name: string; readonly retryAfterSeconds: number }

export interface KeyRing {
  /** `presented` is the key as sent, `null` without one; `nowMs` is monotonic. */
  admit(presented: string | null, nowMs: number): Admission
  /** From now on these keys count. A key that stays keeps its count. */
  replace(keys: readonly ApiKey[]): void
  readonly size: number
}

/** `mode`: `open` lets everybody in while there is no key; `closed` then lets nobody in. */
export interface KeyRingOptions {
  readonly keys: readonly ApiKey[]
  readonly mode: 'open' | 'closed'
  /** For keys without a limit of their own. */
  readonly perMinute: number
}

/** A token bucket: as many tokens as the key has requests a minute, refilled steadily. */
interface Bucket {
  tokens: number
  atMs: number
}

const minuteMs = 60_000

export function keyRing(options: KeyRingOptions): KeyRing {
  let keys = options.keys
  let buckets = new Map<string, Bucket>()

  function take(key: ApiKey, nowMs: number): Admission {
    const capacity = key.perMinute ?? options.perMinute
    const id = key.digest.toString('hex')
    const bucket = buckets.get(id) ?? { tokens: capacity, atMs: nowMs }
    const refill = ((nowMs - bucket.atMs) * capacity) / minuteMs
    bucket.tokens = Math.min(capacity, bucket.tokens + refill)
    bucket.atMs = nowMs
    buckets.set(id, bucket)
    if (bucket.tokens < 1) {
      const waitMs = ((1 - bucket.tokens) * minuteMs) / capacity
      return { kind: 'limited', name: key.name, retryAfterSeconds: Math.ceil(waitMs / 1000) }
    }
    bucket.tokens -= 1
    return { kind: 'admitted', name: key.name }
  }

  return {
    admit(presented, nowMs) {
      if (keys.length === 0 && options.mode === 'open') return { kind: 'admitted', name: null }
      const key = presented === null ? null : findKey(keys, presented)
      return key === null ? { kind: 'refused' } : take(key, nowMs)
    },
    replace(next) {
      keys = next
      const ids = new Set(next.map((key) => key.digest.toString('hex')))
      buckets = new Map([...buckets].filter(([id]) => ids.has(id)))
    },
    get size() {
      return keys.length
    },
  }
}

/** Compares with every key, and hashes in constant time: the time tells nothing about a key. */
function findKey(keys: readonly ApiKey[], presented: string): ApiKey | null {
  const digest = digestOf(presented)
  let found: ApiKey | null = null
  for (const key of keys) {
    if (timingSafeEqual(key.digest, digest)) found = key
  }
  return found
}
