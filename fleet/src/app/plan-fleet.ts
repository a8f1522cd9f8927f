/** Observe, then plan: what would change on each device. */
import type { FleetPlan } from '../core/plan/fleet-plan.ts'
import type { Observed } from '../core/plan/observed.ts'
import type { PlanPolicy } from '../core/plan/plan-device.ts'
import { assemblePlan } from './assemble-plan.ts'
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
  return { plan: assemblePlan(prepared, policy, observed, failed), observed, policy }
}
