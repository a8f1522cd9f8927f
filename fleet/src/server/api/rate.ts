/** How often somebody may ask: a bucket of requests, which fills again with time. */

export interface Rate {
  /** So many at once. */
  readonly burst: number
  readonly perSecond: number
}

/** Buckets of more askers than this are forgotten, the oldest first: memory is bounded. */
const mostAskers = 10_000

/**
 * Takes one request from the bucket of `asker`: `null` when there was one, else the whole seconds
 * until there is. `nowMs` is monotonic.
 */
export function rateLimit({
  burst,
  perSecond,
}: Rate): (asker: string, nowMs: number) => number | null {
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>()
  return (asker, nowMs) => {
    const { left, atMs } = buckets.get(asker) ?? { left: burst, atMs: nowMs }
    const filled = Math.min(burst, left + ((nowMs - atMs) / 1000) * perSecond)
    buckets.delete(asker)
    if (buckets.size >= mostAskers) {
      const [oldest] = buckets.keys()
      if (oldest !== undefined) buckets.delete(oldest)
    }
    const isThere = filled >= 1
    buckets.set(asker, { left: isThere ? filled - 1 : filled, atMs: nowMs })
    return isThere ? null : Math.ceil((1 - filled) / perSecond)
  }
}
