/** How long a device may take to be healthy, learned from how long it took before. */
import type { RolloutSettings } from '../settings.ts'

/** Fewer say nothing about the slow ones. */
const fewest = 3
/** Nobody is given up before so many looks were taken. */
const looks = 10

/**
 * Milliseconds by device: twice the 95th percentile, at least twice `min_healthy_time` and ten
 * looks, at most `healthy_deadline`. Devices with too short a history are left out. Past values are
 * in seconds.
 */
export function settleLimits(
  history: ReadonlyMap<string, readonly number[]>,
  settings: Pick<RolloutSettings, 'min_healthy_time' | 'healthy_deadline' | 'interval'>,
): Readonly<Record<string, number>> {
  const limits = [...history].flatMap(([device, past]): (readonly [string, number])[] => {
    const known = past.filter((seconds) => Number.isFinite(seconds) && seconds >= 0)
    if (known.length < fewest) return []
    const wanted = Math.ceil(2_000 * percentile95(known))
    const patient = Math.max(wanted, 2 * settings.min_healthy_time, looks * settings.interval)
    return [[device, Math.min(patient, settings.healthy_deadline)]]
  })
  return Object.fromEntries(limits)
}

/** By nearest rank, so that it is a value that was seen. */
function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0
}
