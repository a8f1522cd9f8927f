/** Samples that are gone with the process: for tests, and for who keeps no state. */
import { defaultRetention, type ClockSample, type Retention } from '../../core/clock/sample.ts'
import type { SampleStore } from '../../ports/sample-store.ts'

export interface MemorySamples {
  open(retention?: Retention): SampleStore
}

/** All that `open` gives see the same samples. */
export function memorySamples(): MemorySamples {
  /** By server, oldest first, one for each instant. */
  const kept = new Map<string, readonly ClockSample[]>()
  return {
    open: ({ maxAgeMs, maxPerServer } = defaultRetention) => ({
      async append(samples) {
        if (samples.some(({ atUnixMs }) => !Number.isFinite(atUnixMs))) {
          throw new Error('a sample without its time')
        }
        for (const [server, more] of Map.groupBy(samples, (sample) => sample.server)) {
          const all = [...(kept.get(server) ?? []), ...more]
          const byTime = new Map(all.map((sample) => [sample.atUnixMs, sample]))
          const sorted = [...byTime.values()].toSorted((a, b) => a.atUnixMs - b.atUnixMs)
          const oldestMs = (sorted.at(-1)?.atUnixMs ?? 0) - maxAgeMs
          const young = sorted.filter(({ atUnixMs }) => atUnixMs >= oldestMs)
          kept.set(server, young.slice(-maxPerServer))
        }
      },
      history: async (server, sinceUnixMs, newest) =>
        (kept.get(server) ?? []).filter(({ atUnixMs }) => atUnixMs >= sinceUnixMs).slice(-newest),
      close: async () => {},
    }),
  }
}
