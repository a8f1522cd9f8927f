/** Applies a plan: side by side where nothing is served yet, one after another where it is. */
import { mapBounded } from '@timeball/lib/pool.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { Failure } from '../core/failure.ts'
import type { DevicePlan } from '../core/plan/change.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { applyOrder, hasWork } from '../core/plan/fleet-plan.ts'
import { elsewhereText } from '../core/rollout/elsewhere.ts'
import { epochFor } from '../core/rollout/epoch.ts'
import type { PlanPolicy } from '../core/plan/plan-device.ts'
import { changeDevice, ended } from './change-device.ts'
import { openLink, type Link } from './link.ts'
import { makeIdle, planAnew } from './make-idle.ts'
import { reachOf, type Outside, type Run } from './outside.ts'
import type { PlannedDevice, PlannedFleet } from './plan-fleet.ts'
import { settle } from './settle.ts'

export interface FleetChange {
  readonly fleet: Fleet
  readonly planned: PlannedFleet
  readonly policy: PlanPolicy
  /** Of the lease of the fleet. */
  readonly epoch: number
  /** Of the state directory. */
  readonly origin: string
  /** What another state directory changed so many seconds ago is left alone. */
  readonly changedElsewhere: ReadonlyMap<string, number>
}

/**
 * One outcome for each device of the plan, in plan order. When a serving device fails or does not
 * serve again, those after it are left alone: good time is not taken away to find out more.
 */
export async function applyFleet(
  change: FleetChange,
  outside: Outside,
  run: Run,
): Promise<readonly DeviceOutcome[]> {
  const { fleet, planned } = change
  const outcomes = new Map<string, DeviceOutcome>()
  const record = (outcome: DeviceOutcome): void => {
    outcomes.set(outcome.device, outcome)
    run.emit({ type: 'outcome', outcome })
  }
  for (const plan of planned.plan.devices.filter((each) => !hasWork(each))) record(unchanged(plan))
  for (const { device, failure } of planned.plan.failed)
    record({ ...notReached(device), status: 'failed', failure })

  const { together, oneByOne } = applyOrder(planned.plan, fleet.devices)
  const find = ({ device }: DevicePlan): Numbered[] => {
    const found = planned.devices.get(device)
    if (found === undefined) return []
    const epoch = numberFor(found, change)
    if (epoch.ok) return [{ ...found, epoch: epoch.value }]
    record({ ...notReached(device), status: 'failed', failure: epoch.failure })
    return []
  }
  const apply = (device: Numbered): Promise<DeviceOutcome> =>
    applyDevice(device, change, outside, run)

  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  for await (const { value } of mapBounded(together.flatMap(find), pool, apply)) record(value)
  for (const device of oneByOne.flatMap(find)) {
    if (run.stop.aborted) break
    const outcome = await apply(device)
    record(outcome)
    if (isBad(outcome)) break
  }
  const names = [
    ...planned.plan.devices.map(({ device }) => device),
    ...planned.plan.failed.map(({ device }) => device),
  ]
  const inOrder = fleet.devices.map(({ name }) => name).filter((name) => names.includes(name))
  return inOrder.map((name) => outcomes.get(name) ?? notReached(name))
}

/** The number for a device, unless somebody else is at work on it. */
function numberFor(
  { device, observed }: PlannedDevice,
  { epoch, changedElsewhere }: FleetChange,
): Result<number, Failure> {
  const ago = changedElsewhere.get(device.name)
  if (ago !== undefined) return fail({ code: 'other-state', detail: elsewhereText(ago) })
  return epochFor(epoch, observed.epoch)
}

interface Numbered extends PlannedDevice {
  /** For this device. */
  readonly epoch: number
}

async function applyDevice(
  planned: Numbered,
  { fleet, policy, origin }: FleetChange,
  outside: Outside,
  run: Run,
): Promise<DeviceOutcome> {
  const { settings } = fleet
  const confirmMs = settings.apply.confirm_timeout
  const authority = { epoch: () => planned.epoch, origin, confirmMs }
  const link = openLink(planned.device, reachOf(fleet, outside, run.abort), authority)
  const options = { policy, proveWayBack: false, emit: run.emit }
  const changed = await changeWhenIdle(planned, link, options)
  const isQuiet = changed.status === 'unchanged' && planned.plan.pending === null
  if (changed.failure !== null || isQuiet) return changed
  run.emit({ type: 'phase', device: planned.device.name, phase: 'settling' })
  const settled = await settle(fleet, planned.device, outside, run)
  return { ...changed, status: 'changed', ...settled }
}

type ChangeOptions = Parameters<typeof changeDevice>[2] & Parameters<typeof makeIdle>[2]

/** What an earlier apply, that was cut off, still does on the device is ended first. */
async function changeWhenIdle(
  planned: PlannedDevice,
  link: Link,
  options: ChangeOptions,
): Promise<DeviceOutcome> {
  const { name } = planned.device
  const idle = await makeIdle(planned, link, options)
  if (!idle.ok) return ended(name, 'failed', idle.failure)
  const changed = await changeDevice(idle.value, link, options)
  if (changed.status !== 'failed' || !isInTheWay(changed.failure)) return changed
  // It began after the check, or the check did not see it; nothing was changed yet.
  const seen = await link.observeWhenIdle(planned.state)
  if (!seen.ok) return ended(name, 'failed', seen.failure)
  const again = await makeIdle(planAnew(planned, seen.value, options.policy), link, options)
  if (!again.ok) return ended(name, 'failed', again.failure)
  return await changeDevice(again.value, link, options)
}

/** Of an answer to an apply: another operation is at work, or has not been confirmed. */
function isInTheWay(failure: Failure | null): boolean {
  return failure?.code === 'locked' || failure?.code === 'unconfirmed'
}

function isBad({ status, service }: DeviceOutcome): boolean {
  return status === 'failed' || status === 'lost' || service === 'settling'
}

function unchanged(plan: DevicePlan): DeviceOutcome {
  return { ...notReached(plan.device), status: 'unchanged', generation: plan.baseGeneration }
}

function notReached(device: string): DeviceOutcome {
  return {
    device,
    status: 'not-reached',
    changed: 0,
    generation: null,
    service: 'unwatched',
    serviceReason: null,
    failure: null,
  }
}
