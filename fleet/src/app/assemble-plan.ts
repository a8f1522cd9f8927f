/** What was seen of each device, and what it should be -> the plan of the fleet. */
import { showWarnings } from '../core/fleet/warnings.ts'
import { blankDevice } from '../core/plan/blank-device.ts'
import type { DevicePlan } from '../core/plan/change.ts'
import type { FleetPlan } from '../core/plan/fleet-plan.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import type { Prepared } from './prepare.ts'

/** Plans against devices fresh from the imager; contacts nobody. */
export function planOffline(prepared: Prepared, policy: PlanPolicy): FleetPlan {
  const observed = new Map(prepared.devices.map(({ name }) => [name, blankDevice]))
  return assemblePlan(prepared, policy, observed, [])
}

export function assemblePlan(
  prepared: Prepared,
  policy: PlanPolicy,
  observed: ReadonlyMap<string, Observed>,
  failed: FleetPlan['failed'],
): FleetPlan {
  const { fleet, devices, states } = prepared
  const plans = devices.flatMap(({ name }): DevicePlan[] => {
    const seen = observed.get(name)
    const state = states.get(name)
    return seen === undefined || state === undefined ? [] : [planDevice(state, seen, policy)]
  })
  const selected = new Set(devices.map(({ name }) => name))
  return {
    fleet: fleet.name,
    image: prepared.image,
    imageAsWritten: fleet.settings.image.ref,
    devices: plans,
    failed,
    warnings: showWarnings(fleet.warnings, selected),
  }
}
