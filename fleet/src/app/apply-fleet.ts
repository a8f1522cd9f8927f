/** Applies a plan: side by side where nothing is served yet, one after another where it is. */
import type { Device } from '../core/device/device.ts'
import type { DevicePlan } from '../core/plan/change.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { applyOrder, hasWork } from '../core/plan/fleet-plan.ts'
import { epochFor } from '../core/rollout/epoch.ts'
import type { Failure } from '../core/failure.ts'
import type { PlanPolicy } from '../core/plan/plan-device.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import { ok, type Result } from '@timeball/lib/result.ts'
import { applyDevice, type DeviceWork } from './apply-device.ts'
import type { Outside, Run } from './outside.ts'
import type { PlannedFleet } from './plan-fleet.ts'
import type { Prepared } from './prepare.ts'

/**
 * One outcome for each device of the plan, in plan order. When a serving device fails or does not
 * serve again, those after it are left alone: good time is not taken away to find out more.
 * `epoch`: of the lease of the fleet.
 */
export async function applyFleet(
  prepared: Prepared,
  { plan, observed, policy, epoch }: PlannedFleet & { readonly epoch: number },
  outside: Outside,
  run: Run,
): Promise<readonly DeviceOutcome[]> {
  const outcomes = new Map<string, DeviceOutcome>()
  const record = (outcome: DeviceOutcome): void => {
    outcomes.set(outcome.device, outcome)
    run.emit({ type: 'outcome', outcome })
  }
  for (const device of plan.devices.filter((each) => !hasWork(each))) record(unchanged(device))
  for (const { device, failure } of plan.failed)
    record({ ...notReached(device), status: 'failed', failure })

  const byName = new Map(prepared.devices.map((device) => [device.name, device]))
  const workOf = (device: DevicePlan): DeviceWork | null => {
    const work = workFor(device, { prepared, byName, observed, policy, epoch })
    if (work === null || work.ok) return work?.value ?? null
    record({ ...notReached(device.device), status: 'failed', failure: work.failure })
    return null
  }
  const { together, oneByOne } = applyOrder(plan, prepared.fleet.devices)

  const pool = { limit: prepared.fleet.settings.ssh.parallel, signal: run.stop }
  const works = together.flatMap((device) => workOf(device) ?? [])
  for await (const { value } of mapBounded(works, pool, (work) =>
    applyDevice(work, outside, run),
  )) {
    record(value)
  }
  for (const device of oneByOne) {
    const work = workOf(device)
    if (run.stop.aborted) break
    if (work === null) continue
    const outcome = await applyDevice(work, outside, run)
    record(outcome)
    if (isBad(outcome)) break
  }
  const names = prepared.devices.map(({ name }) => name)
  return names.map((name) => outcomes.get(name) ?? notReached(name))
}

function isBad({ status, service }: DeviceOutcome): boolean {
  return status === 'failed' || status === 'lost' || service === 'settling'
}

interface Inputs {
  readonly prepared: Prepared
  readonly byName: ReadonlyMap<string, Device>
  readonly observed: PlannedFleet['observed']
  readonly policy: PlanPolicy
  readonly epoch: number
}

function workFor(
  plan: DevicePlan,
  { prepared, byName, observed, policy, epoch }: Inputs,
): Result<DeviceWork, Failure> | null {
  const device = byName.get(plan.device)
  const state = prepared.states.get(plan.device)
  const seen = observed.get(plan.device)
  if (device === undefined || state === undefined || seen === undefined) return null
  const { fleet } = prepared
  const confirmMs = fleet.settings.apply.confirm_timeout
  const mine = epochFor(epoch, seen.epoch)
  if (!mine.ok) return mine
  const work = { fleet, device, state, observed: seen, policy, confirmMs, proveWayBack: false }
  return ok({ ...work, epoch: mine.value })
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
    failure: null,
  }
}
