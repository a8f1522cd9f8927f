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
    return `${devices(failed)} failed; abort.failed_total is ${abort.failed_total}`
  }
  if (lost >= abort.lost_total) {
    return `${devices(lost)} lost; abort.lost_total is ${abort.lost_total}`
  }
  const executed = countExecuted(state)
  const percent = executed === 0 ? 0 : (100 * (failed + lost)) / executed
  if (executed < abort.min_executed || failed + lost === 0 || percent < abort.failed_percent) {
    return null
  }
  const share = `${failed + lost} of ${executed} failed or lost`
  return `${share}; abort.failed_percent is ${abort.failed_percent} %`
}

/** Devices of which it is known how their move went. */
function countExecuted(state: RolloutState): number {
  let count = 0
  for (const { phase, counted } of state.devices.values()) {
    if (phase === 'healthy' || counted !== null) count += 1
  }
  return count
}

function devices(count: number): string {
  return count === 1 ? '1 device' : `${count} devices`
}
