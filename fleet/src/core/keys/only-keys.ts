/**
 * Whether a plan changes keys and nothing else: only then no clock is touched. What an operation
 * that was cut off has left is no change of the fleet's: it is ended first, and planned anew.
 */
import { environmentPath } from '../desired/paths.ts'
import type { DevicePlan } from '../plan/change.ts'

export function changesOnlyKeys(plan: DevicePlan): boolean {
  const { changes, interruptsService, reboot, pending, isBusy } = plan
  if (pending !== null || isBusy) return true
  if (interruptsService || reboot === 'now') return false
  return changes.every(
    ({ resource, diff }) =>
      resource === `file:${environmentPath}` &&
      diff.every(({ sign, text }) => sign === ' ' || /^API_KEY_[12]\b/.test(text)),
  )
}
