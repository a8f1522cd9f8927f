/** Changes one device: apply, confirm over a fresh connection, reboot if allowed, wait for good time. */
import {
  applyManifest,
  confirmManifest,
  rebootManifest,
  revertManifest,
  type Operation,
} from '../core/bundle/bundle.ts'
import { stateDigest } from '../core/desired/desired-state.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Failure, FailureCode } from '../core/failure.ts'
import type { Device, Fleet } from '../core/fleet/fleet.ts'
import type { DeviceOutcome, Phase } from '../core/plan/event.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import { finalFiles } from '../core/plan/plan-files.ts'
import type { Result } from '../core/result.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import { observeOne } from './observe.ts'
import type { Outside, Run } from './outside.ts'
import { newOperation, send } from './send.ts'
import { settle } from './settle.ts'

export interface DeviceWork {
  readonly fleet: Fleet
  readonly device: Device
  readonly state: DesiredState
  readonly observed: Observed
  readonly policy: PlanPolicy
  /** Higher than any epoch seen on the fleet. */
  readonly epoch: number
}

/** Never throws for what a device does; the outcome says how it ended. */
export async function applyDevice(
  work: DeviceWork,
  outside: Outside,
  run: Run,
): Promise<DeviceOutcome> {
  const base = await goBackFirst(work, outside, run)
  if (!base.ok) return ended(work, 'failed', base.failure)
  const observed = base.value
  const plan = planDevice(work.state, observed, work.policy)
  if (plan.changes.length === 0) {
    const { generation } = observed
    if (work.observed.pending === null) return { ...ended(work, 'unchanged', null), generation }
    say(work, run, 'settling')
    const service = await settle(work.fleet, work.device, outside, run)
    return { ...ended(work, 'changed', null), generation, service }
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
  say(work, run, 'settling')
  const service = await settle(work.fleet, work.device, outside, run)
  return { ...ended(work, 'changed', null), changed, generation, service }
}

/** A generation that a lost controller left unconfirmed goes back, and the device is seen anew. */
async function goBackFirst(
  work: DeviceWork,
  outside: Outside,
  run: Run,
): Promise<Result<Observed, Failure>> {
  if (work.observed.pending === null) return { ok: true, value: work.observed }
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
  const { fleet, device, state, observed } = work
  const operation = newOperation(outside, work.epoch)
  const confirmMs = fleet.settings.apply.confirm_timeout
  const manifest = applyManifest(
    {
      desired: state,
      observed,
      plan: planDevice(state, observed, work.policy),
      stateDigest: stateDigest(state, fleet.name),
      confirmSeconds: Math.ceil(confirmMs / 1000),
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

async function confirm(
  work: DeviceWork,
  generation: number,
  outside: Outside,
  run: Run,
): Promise<Result<DeviceReport, Failure>> {
  const { fleet, device } = work
  const policy = { deadlineMs: fleet.settings.apply.confirm_timeout / 2, retryOn: lostOrBusy }
  return await retry(outside, run, policy, () => {
    const operation: Operation = newOperation(outside, work.epoch)
    const manifest = confirmManifest(generation, operation)
    return send(fleet, { device, operation, manifest, connection: 'fresh' }, outside, run)
  })
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

interface RetryPolicy {
  readonly deadlineMs: number
  readonly retryOn: (failure: Failure) => boolean
}

const pauseMs = 1_000

async function retry<T>(
  outside: Outside,
  run: Run,
  policy: RetryPolicy,
  attempt: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const startMs = outside.nowMs()
  let result = await attempt()
  while (
    !result.ok &&
    policy.retryOn(result.failure) &&
    !run.abort.aborted &&
    outside.nowMs() - startMs < policy.deadlineMs
  ) {
    await outside.wait(pauseMs, run.abort)
    result = await attempt()
  }
  return result
}

const lostCodes: ReadonlySet<FailureCode> = new Set([
  'unreachable',
  'timeout',
  'protocol',
  'interrupted',
])

/** The device did not say how it went. */
function isLost(failure: Failure): boolean {
  return lostCodes.has(failure.code)
}

function lostOrBusy(failure: Failure): boolean {
  return isLost(failure) || failure.code === 'locked'
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
