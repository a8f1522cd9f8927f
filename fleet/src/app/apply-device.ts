/** Changes one device: apply, confirm over a fresh connection, reboot if allowed, wait for good time. */
import { applyManifest, rebootManifest, revertManifest } from '../core/bundle/bundle.ts'
import { stateDigest } from '../core/desired/desired-state.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Failure } from '../core/failure.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { DeviceOutcome, Phase } from '../core/plan/event.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import { finalFiles } from '../core/plan/plan-files.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import { confirm } from './confirm.ts'
import { observeOne } from './observe.ts'
import type { Outside, Run } from './outside.ts'
import { isLost, lostOrBusy, retry } from './retry.ts'
import { newOperation, send } from './send.ts'
import { settle } from './settle.ts'

export interface DeviceWork {
  readonly fleet: Fleet
  readonly device: Device
  readonly state: DesiredState
  readonly observed: Observed
  readonly policy: PlanPolicy
  /** At least what the device has seen. */
  readonly epoch: number
  /** Without confirmation in this time the device goes back by itself. */
  readonly confirmMs: number
  /** Whether the device must prove first that it could go back. */
  readonly proveWayBack: boolean
}

/** Never throws for what a device does; the outcome says how it ended. */
export async function applyDevice(
  work: DeviceWork,
  outside: Outside,
  run: Run,
): Promise<DeviceOutcome> {
  const changed = await changeDevice(work, outside, run)
  const isQuiet = changed.status === 'unchanged' && !isUnderWay(work.observed)
  if (changed.failure !== null || isQuiet) return changed
  say(work, run, 'settling')
  const service = await settle(work.fleet, work.device, outside, run)
  return { ...changed, status: 'changed', service }
}

/** Applies and confirms, and reboots where that is allowed; waits for nothing more. */
export async function changeDevice(
  work: DeviceWork,
  outside: Outside,
  run: Run,
): Promise<DeviceOutcome> {
  const base = await revertFirst(work, outside, run)
  if (!base.ok) return ended(work, 'failed', base.failure)
  const observed = base.value
  const plan = planDevice(work.state, observed, work.policy)
  if (plan.changes.length === 0) {
    return { ...ended(work, 'unchanged', null), generation: observed.generation }
  }

  say(work, run, 'applying')
  const applied = await applyOnce({ ...work, observed }, outside, run)
  if (!applied.ok) return ended(work, isLost(applied.failure) ? 'lost' : 'failed', applied.failure)
  const changed = countChanged(applied.value)
  const generation = applied.value.end.generation ?? observed.generation

  say(work, run, 'confirming')
  const confirmed = await confirm(work, generation, outside, run)
  if (!confirmed.ok) return { ...ended(work, 'lost', confirmed.failure), changed }

  if (plan.reboot === 'now') {
    say(work, run, 'rebooting')
    const back = await reboot(work, observed.bootId, outside, run)
    if (!back.ok) return { ...ended(work, 'lost', back.failure), changed, generation }
  }
  return { ...ended(work, 'changed', null), changed, generation }
}

function isUnderWay({ pending, returning }: Observed): boolean {
  return pending !== null || returning !== null
}

/** What a lost controller left is reverted, or a way back ended, and the device is seen anew. */
async function revertFirst(
  work: DeviceWork,
  outside: Outside,
  run: Run,
): Promise<Result<Observed, Failure>> {
  if (!isUnderWay(work.observed)) return { ok: true, value: work.observed }
  say(work, run, 'reverting')
  const operation = newOperation(outside, work.epoch)
  const manifest = revertManifest(operation)
  const reverted = await send(
    work.fleet,
    { device: work.device, operation, manifest },
    outside,
    run,
  )
  if (!reverted.ok) return reverted
  return await observeOne(work.fleet, work, outside, run)
}

/**
 * A connection that is cut does not stop the applier. The same operation is sent again over a fresh
 * connection, and the device answers from its record, or says that it is still at it.
 */
async function applyOnce(
  work: DeviceWork,
  outside: Outside,
  run: Run,
): Promise<Result<DeviceReport, Failure>> {
  const { fleet, device, state, observed, confirmMs } = work
  const operation = newOperation(outside, work.epoch)
  const manifest = applyManifest(
    {
      desired: state,
      observed,
      plan: planDevice(state, observed, work.policy),
      stateDigest: stateDigest(state, fleet.name),
      confirmSeconds: Math.ceil(confirmMs / 1000),
      proveWayBack: work.proveWayBack,
    },
    operation,
  )
  const files = finalFiles(state, observed)
  const parcel = { device, operation, manifest, files, onLine: forward(work, run) }
  const first = await send(fleet, parcel, outside, run)
  if (first.ok || !isLost(first.failure)) return first
  return await retry(outside, run, { deadlineMs: confirmMs / 2, retryOn: lostOrBusy }, () =>
    send(fleet, { ...parcel, connection: 'fresh' }, outside, run),
  )
}

/** A Pi takes well under a minute; the limit is the guide's `reboot_timeout`. */
const rebootDeadlineMs = 300_000

async function reboot(
  work: DeviceWork,
  bootId: string,
  outside: Outside,
  run: Run,
): Promise<Result<Observed, Failure>> {
  const { fleet, device } = work
  const operation = newOperation(outside, work.epoch)
  const manifest = rebootManifest(operation)
  const started = await send(fleet, { device, operation, manifest }, outside, run)
  if (!started.ok) return started
  const policy = { deadlineMs: rebootDeadlineMs, retryOn: (): boolean => true }
  return await retry(outside, run, policy, async () => {
    const seen = await observeOne(fleet, work, outside, run)
    if (!seen.ok || seen.value.bootId !== bootId) return seen
    return { ok: false, failure: { code: 'timeout', detail: 'has not rebooted yet' } }
  })
}

function countChanged(report: DeviceReport): number {
  return report.lines.filter((line) => line.type === 'resource' && line.change !== 'none').length
}

function forward(work: DeviceWork, run: Run): (line: ReportLine) => void {
  return (line) => {
    if (line.type !== 'resource') return
    const { resource, change, ms } = line
    run.emit({ type: 'resource', device: work.device.name, resource, change, ms })
  }
}

function say(work: DeviceWork, run: Run, phase: Phase): void {
  run.emit({ type: 'phase', device: work.device.name, phase })
}

function ended(
  work: DeviceWork,
  status: DeviceOutcome['status'],
  failure: Failure | null,
): DeviceOutcome {
  return {
    device: work.device.name,
    status,
    changed: 0,
    generation: null,
    service: 'unwatched',
    failure,
  }
}
