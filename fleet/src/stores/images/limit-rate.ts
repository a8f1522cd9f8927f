/** A limit that all who send share: together they send no faster. */

export interface RateClock {
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number
  readonly wait: (ms: number) => Promise<void>
}

/** Resolves when so many bytes may be sent. Who asks first is first, in pieces as they are asked for. */
export type Take = (bytes: number) => Promise<void>

export function rateLimit(bytesPerSecond: number, { nowMs, wait }: RateClock): Take {
  let freeAtMs = Number.NEGATIVE_INFINITY
  return async (bytes) => {
    const now = nowMs()
    const beginMs = Math.max(now, freeAtMs)
    freeAtMs = beginMs + (bytes / bytesPerSecond) * 1000
    if (beginMs > now) await wait(beginMs - now)
  }
}
