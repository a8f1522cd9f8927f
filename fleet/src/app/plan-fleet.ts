/** Observe, then plan: what would change on each device. A plan is made once, and passed on. */
import { mapBounded } from '@timeball/lib/pool.ts'
import { stateDigest } from '../core/desired/desired-state.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Device } from '../core/device/device.ts'
import type { DevicePlan } from '../core/plan/change.ts'
import { hasWork, type FleetPlan } from '../core/plan/fleet-plan.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import { runningImages } from '../core/plan/running-images.ts'
import { fleetPlanOf } from './assemble-plan.ts'
import { observeDevice, type Sighting } from './link.ts'
import { reachOf, type Outside, type Run } from './outside.ts'
import type { Prepared } from './prepare.ts'

/** One device with what was seen of it and what is to be done: all that changing it takes. */
export interface PlannedDevice {
  readonly device: Device
  readonly state: DesiredState
  /** Content address of `state`. */
  readonly digest: string
  readonly observed: Observed
  readonly plan: DevicePlan
}

export interface PlannedFleet {
  readonly plan: FleetPlan
  /** Those that answered, by name. */
  readonly devices: ReadonlyMap<string, PlannedDevice>
}

export async function planFleet(
  prepared: Prepared,
  policy: PlanPolicy,
  outside: Outside,
  run: Run,
): Promise<PlannedFleet> {
  const sightings = await observeAll(prepared, outside, run)
  const planned = new Map<string, PlannedDevice>()
  const failed: FleetPlan['failed'][number][] = []
  for (const device of prepared.devices) {
    const { name } = device
    const sighting = sightings.get(name)
    const state = prepared.states.get(name)
    if (sighting?.ok === true && state !== undefined) {
      const digest = stateDigest(state, prepared.fleet.name)
      const observed = sighting.value
      planned.set(name, {
        device,
        state,
        digest,
        observed,
        plan: planDevice(state, observed, policy),
      })
    } else {
      const failure = sighting?.ok === false ? sighting.failure : notChecked
      failed.push({ device: name, failure })
    }
  }
  const plans = [...planned.values()].map(({ plan }) => plan)
  return { plan: fleetPlanOf(prepared, plans, failed), devices: planned }
}

/** Images by digest that the devices to be changed run now. */
export function replacedImages({ devices }: PlannedFleet): ReadonlySet<string> {
  const changing = [...devices.values()].filter(({ plan }) => hasWork(plan))
  return runningImages(changing.map(({ observed }) => observed))
}

export function seenOf({ devices }: PlannedFleet): ReadonlyMap<string, Observed> {
  return new Map([...devices].map(([name, { observed }]) => [name, observed]))
}

const notChecked = { code: 'interrupted', detail: 'not checked: interrupted' } as const

/** One round trip each, side by side. Those not checked before `run.stop` fired are missing. */
export async function observeAll(
  { fleet, devices, states }: Prepared,
  outside: Outside,
  run: Run,
): Promise<ReadonlyMap<string, Sighting>> {
  const sightings = new Map<string, Sighting>()
  const reach = reachOf(fleet, outside, run.abort)
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  const checks = mapBounded(devices, pool, async (device): Promise<Sighting | null> => {
    const state = states.get(device.name)
    if (state === undefined) return null
    run.emit({ type: 'phase', device: device.name, phase: 'observing' })
    return await observeDevice(device, state, reach, { full: run.full === true })
  })
  for await (const { item, value } of checks) {
    if (value === null) continue
    sightings.set(item.name, value)
    const failure = value.ok ? null : value.failure
    run.emit({ type: 'observed', device: item.name, failure })
  }
  return sightings
}
