/** Before a device is changed: what an earlier operation left on it is ended. */
import { ok, type Result } from '@timeball/lib/result.ts'
import type { Failure } from '../core/failure.ts'
import type { FleetEvent, Phase } from '../core/plan/event.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import type { Link } from './link.ts'
import type { PlannedDevice } from './plan-fleet.ts'

export interface IdleOptions {
  readonly policy: PlanPolicy
  readonly emit: (event: FleetEvent) => void
}

/**
 * What is at work on the device is waited for. What was not confirmed is reverted then, a rollback
 * that was cut short is ended, and the device is seen and planned anew.
 */
export async function makeIdle(
  planned: PlannedDevice,
  link: Link,
  { policy, emit }: IdleOptions,
): Promise<Result<PlannedDevice, Failure>> {
  const { state, device } = planned
  const say = (phase: Phase): void => emit({ type: 'phase', device: device.name, phase })
  let { observed } = planned
  if (observed.busy !== null) {
    say('waiting')
    const seen = await link.observeWhenIdle(state)
    if (!seen.ok) return seen
    observed = seen.value
  }
  if (isUnderWay(observed)) {
    say('reverting')
    const reverted = await link.revert()
    if (!reverted.ok) return reverted
    const seen = await link.observe(state)
    if (!seen.ok) return seen
    observed = seen.value
  }
  return ok(observed === planned.observed ? planned : planAnew(planned, observed, policy))
}

export function planAnew(
  planned: PlannedDevice,
  observed: Observed,
  policy: PlanPolicy,
): PlannedDevice {
  return { ...planned, observed, plan: planDevice(planned.state, observed, policy) }
}

function isUnderWay({ pending, returning }: Observed): boolean {
  return pending !== null || returning !== null
}
