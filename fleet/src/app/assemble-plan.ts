/** Plans of devices -> the plan of the fleet. */
import { showWarnings } from '../core/fleet/warnings.ts'
import { blankDevice } from '../core/plan/blank-device.ts'
import type { DevicePlan } from '../core/plan/change.ts'
import type { FleetPlan } from '../core/plan/fleet-plan.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import type { Prepared } from './prepare.ts'

/** Plans against devices fresh from the imager; contacts nobody. */
export function planOffline(prepared: Prepared, policy: PlanPolicy): FleetPlan {
  const plans = prepared.devices.flatMap(({ name }) => {
    const state = prepared.states.get(name)
    return state === undefined ? [] : [planDevice(state, blankDevice, policy)]
  })
  return fleetPlanOf(prepared, plans, [])
}

export function fleetPlanOf(
  { fleet, devices, image, warnings }: Prepared,
  plans: readonly DevicePlan[],
  failed: FleetPlan['failed'],
): FleetPlan {
  const selected = new Set(devices.map(({ name }) => name))
  return {
    fleet: fleet.name,
    image,
    imageAsWritten: fleet.settings.image.ref,
    devices: plans,
    failed,
    warnings: [...showWarnings(fleet.warnings, selected), ...warnings],
  }
}
