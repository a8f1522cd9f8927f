/** Observe, then plan: what would change on each device. */
import type { DevicePlan } from '../core/plan/change.ts'
import { blankDevice } from '../core/plan/blank-device.ts'
import type { FleetPlan } from '../core/plan/fleet-plan.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import { observeAll } from './observe.ts'
import type { Outside, Run } from './outside.ts'
import type { Prepared } from './prepare.ts'

export interface PlannedFleet {
  readonly plan: FleetPlan
  readonly observed: ReadonlyMap<string, Observed>
  readonly policy: PlanPolicy
}

export async function planFleet(
  prepared: Prepared,
  policy: PlanPolicy,
  outside: Outside,
  run: Run,
): Promise<PlannedFleet> {
  const sightings = await observeAll(prepared, outside, run)
  const observed = new Map<string, Observed>()
  const failed: FleetPlan['failed'][number][] = []
  for (const { name } of prepared.devices) {
    const sighting = sightings.get(name)
    if (sighting?.ok) observed.set(name, sighting.value)
    else {
      const failure = sighting?.failure ?? { code: 'interrupted', detail: 'not looked at' }
      failed.push({ device: name, failure })
    }
  }
  return { plan: assemble(prepared, policy, observed, failed), observed, policy }
}

/** Plans against devices fresh from the imager; contacts nobody. */
export function planOffline(prepared: Prepared, policy: PlanPolicy): FleetPlan {
  const observed = new Map(prepared.devices.map(({ name }) => [name, blankDevice]))
  return assemble(prepared, policy, observed, [])
}

function assemble(
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
    warnings: fleet.warnings.filter((text) => selected.has(text.split(':')[0] ?? '')),
  }
}
