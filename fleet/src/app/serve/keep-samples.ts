/** The sample store of a process that sweeps all day. */
import type { SampleStore } from '../../ports/sample-store.ts'

export interface Keeping {
  /** Monotonic. */
  readonly nowMs: () => number
  readonly log: (line: string) => void
}

/** What a month of is kept (see the store's bounds). */
const keptEveryMs = 60_000
/** A sweep that begins a little early still counts for its minute. */
const earlyMs = 2_000

/**
 * Keeps one sample of each server a minute, however often it is swept. A disk that is full is told
 * once, and is no reason to stop measuring.
 */
export function keepSamples(store: SampleStore, { nowMs, log }: Keeping): SampleStore {
  const keptMs = new Map<string, number>()
  let isTold = false
  return {
    async append(samples) {
      const now = nowMs()
      const due = samples.filter(
        ({ server }) => now - (keptMs.get(server) ?? -Infinity) >= keptEveryMs - earlyMs,
      )
      if (due.length === 0) return
      try {
        await store.append(due)
        for (const { server } of due) keptMs.set(server, now)
        isTold = false
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (!isTold) log(`samples are not kept: ${reason}`)
        isTold = true
      }
    },
    history: (server, sinceUnixMs, newest) => store.history(server, sinceUnixMs, newest),
    close: () => store.close(),
  }
}
