/** One device back to what it had before, from what it kept itself: no registry, no files of ours. */
import { activateManifest, revertManifest } from '../../core/bundle/bundle.ts'
import { failureText, type Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/plan/observed.ts'
import type { BeforeRollout } from '../../core/rollout/event.ts'
import { ok, type Result } from '@timeball/lib/result.ts'
import type { Run } from '../outside.ts'
import { isLost, lostOrBusy, retry } from '../retry.ts'
import { newOperation, send } from '../send.ts'
import { refuseTakeOver } from './move-device.ts'
import { deviceOf, findDevice, gone, lookAt, type RolloutTarget } from './target.ts'
import type { ActionEvent } from './world.ts'

/** `lost` when it cannot be reached, so that it is done as soon as it can; `stuck` when it refuses. */
export async function returnDevice(
  name: string,
  target: RolloutTarget,
  run: Run,
): Promise<ActionEvent> {
  const at = (): { atUnixMs: number; device: string } => ({
    atUnixMs: target.nowMs(),
    device: name,
  })
  if (findDevice(target, name) === null) return { ...at(), type: 'stuck', detail: gone }
  const ended = await rollBack(name, target, run)
  if (ended.ok) return { ...at(), type: 'returned', ...ended.value }
  const { failure } = ended
  refuseTakeOver(failure)
  return { ...at(), type: isLost(failure) ? 'lost' : 'stuck', detail: failureText(failure) }
}

interface Returned {
  /** In which it is afterwards. */
  readonly generation: number
  /** What could not be had back. */
  readonly missing: readonly string[]
}

async function rollBack(
  name: string,
  target: RolloutTarget,
  run: Run,
): Promise<Result<Returned, Failure>> {
  const seen = await settledGeneration(name, target, run)
  if (!seen.ok) return seen
  const before = target.started.before[name]
  if (before === undefined) {
    const detail = 'it is not known what it had before'
    return { ok: false, failure: { code: 'step-failed', detail } }
  }
  if (isBefore(seen.value, before)) {
    return ok({ generation: seen.value.generation, missing: [] })
  }
  return await activate(name, before, target, run)
}

/** A way back that was cut short has files of that generation, and may not serve yet. */
function isBefore({ generation, state, returning }: Observed, before: BeforeRollout): boolean {
  if (returning !== null) return false
  return generation === before.generation || (state !== null && state === before.state)
}

/** What waits for a confirmation goes back first: that is the shorter way. */
async function settledGeneration(
  name: string,
  target: RolloutTarget,
  run: Run,
): Promise<Result<Observed, Failure>> {
  const { fleet, outside } = target
  const subject = deviceOf(target, name)
  const seen = await lookAt(name, target, run)
  if (!seen.ok || seen.value.pending === null) return seen
  const operation = newOperation(outside, target.epochs.of(name))
  const parcel = { device: subject.device, operation, manifest: revertManifest(operation) }
  const reverted = await send(fleet, parcel, outside, run)
  return reverted.ok ? await lookAt(name, target, run) : reverted
}

/** Each attempt is an operation of its own: the record of an older one says nothing about it. */
async function activate(
  name: string,
  { generation }: BeforeRollout,
  target: RolloutTarget,
  run: Run,
): Promise<Result<Returned, Failure>> {
  const { fleet, outside, started } = target
  const { device } = deviceOf(target, name)
  const retryMs = started.settings.confirm_timeout
  const operation = newOperation(outside, target.epochs.of(name))
  const manifest = activateManifest(generation, Math.ceil(retryMs / 1000), operation)
  const policy = { deadlineMs: retryMs / 2, retryOn: lostOrBusy }
  const parcel = { device, operation, manifest }
  const report = await retry(outside, run, policy, () => send(fleet, parcel, outside, run))
  if (!report.ok) return report
  const missing = report.value.lines.flatMap((line) =>
    line.type === 'resource' && line.change === 'failed' ? [line.resource] : [],
  )
  return ok({ generation: report.value.end.generation ?? 0, missing })
}

/** A device that was lost answers again: where is it? `null`: it does not. */
export async function recoverDevice(
  name: string,
  target: RolloutTarget,
  run: Run,
): Promise<ActionEvent | null> {
  const at = { atUnixMs: target.nowMs(), device: name }
  if (findDevice(target, name) === null) return { ...at, type: 'stuck', detail: gone }
  const seen = await settledGeneration(name, target, run)
  if (!seen.ok) return null
  const { generation, state, returning } = seen.value
  if (returning !== null) return await returnDevice(name, target, run)
  const before = target.started.before[name]
  if (before !== undefined && isBefore(seen.value, before)) {
    return { ...at, type: 'returned', generation, missing: [] }
  }
  if (state !== null && state === target.started.release.states[name]) {
    return { ...at, type: 'unhealthy', detail: 'it was lost, and is back with the new release' }
  }
  const detail = `generation ${generation} is neither what it had before nor the new release`
  return { ...at, type: 'stuck', detail }
}
