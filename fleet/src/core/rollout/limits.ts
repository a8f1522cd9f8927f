/** When a rollout has failed: the limits of `abort`, of which any one ends it when it is reached. */
import { countBad } from './evolve.ts'
import type { RolloutState } from './state.ts'

/** `null`: go on. Percentages need a minimum sample, and `lost` counts in them like `failed`. */
export function limitReached(state: RolloutState): string | null {
  const { abort } = state.started.settings
  const all = countBad(state)
  const failed = all.failed - state.forgiven.failed
  const lost = all.lost - state.forgiven.lost
  if (failed >= abort.failed_total) {
    return `${newest(state, 'failed')} (abort.failed_total: ${abort.failed_total})`
  }
  if (lost >= abort.lost_total) {
    return `${newest(state, 'lost')} (abort.lost_total: ${abort.lost_total})`
  }
  const executed = countExecuted(state)
  const percent = executed === 0 ? 0 : (100 * (failed + lost)) / executed
  if (executed < abort.min_executed || failed + lost === 0 || percent < abort.failed_percent) {
    return null
  }
  const share = `${failed + lost} of ${executed} failed or lost`
  return `${share} (abort.failed_percent: ${abort.failed_percent})`
}

/** A full disk, a lost network or an operator's word is no fault of the release. */
export function isReleaseToBlame({ devices }: RolloutState): boolean {
  return devices.values().some((device) => device.isReleaseToBlame)
}

/** Devices of which it is known how their move went. */
function countExecuted(state: RolloutState): number {
  let count = 0
  for (const { phase, counted } of state.devices.values()) {
    if (phase === 'healthy' || counted !== null) count += 1
  }
  return count
}

/** The one that tipped the scale, in its own words. */
function newest(state: RolloutState, kind: 'failed' | 'lost'): string {
  const bad = [...state.devices.values()].filter(({ counted }) => counted === kind)
  const [last] = bad.toSorted((a, b) => b.sinceMs - a.sinceMs)
  const others = bad.length === 1 ? '' : `, ${bad.length} ${kind} in all`
  return `${last?.device} ${kind}: ${last?.detail}${others}`
}
