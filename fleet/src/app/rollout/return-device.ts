/** One device back to what it had before, from what it kept itself: no registry, no files of ours. */
import { failureText, isLost, type Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/plan/observed.ts'
import type { BeforeRollout } from '../../core/rollout/event.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Sighting } from '../link.ts'
import { refuseTakeOver } from './move-device.ts'
import type { DeviceInHand, RolloutTarget } from './target.ts'
import type { ActionEvent } from './world.ts'

/** `lost` when it cannot be reached, so that it is done as soon as it can; `stuck` when it refuses. */
export async function returnDevice(
  hand: DeviceInHand,
  target: RolloutTarget,
): Promise<ActionEvent> {
  const device = hand.device.name
  const ended = await rollBack(hand, target.started.before[device])
  const at = { atUnixMs: target.nowMs(), device }
  if (ended.ok) return { ...at, type: 'returned', ...ended.value }
  const { failure } = ended
  refuseTakeOver(failure)
  return { ...at, type: isLost(failure) ? 'lost' : 'stuck', detail: failureText(failure) }
}

interface Returned {
  /** In which it is afterwards. */
  readonly generation: number
  /** What could not be had back. */
  readonly missing: readonly string[]
}

async function rollBack(
  hand: DeviceInHand,
  before: BeforeRollout | undefined,
): Promise<Result<Returned, Failure>> {
  const seen = await settledGeneration(hand)
  if (!seen.ok) return seen
  if (before === undefined) {
    return fail({ code: 'step-failed', detail: 'it is not known what it had before' })
  }
  if (isBefore(seen.value, before)) {
    return ok({ generation: seen.value.generation, missing: [] })
  }
  return await activate(hand, before.generation)
}

/** A rollback that was cut short has files of that generation, and may not serve yet. */
function isBefore({ generation, state, returning }: Observed, before: BeforeRollout): boolean {
  if (returning !== null) return false
  return generation === before.generation || (state !== null && state === before.state)
}

/** What waits for a confirmation is reverted first: that is the shorter way. */
async function settledGeneration(hand: DeviceInHand): Promise<Sighting> {
  const seen = await hand.lookWhenIdle()
  if (!seen.ok || seen.value.pending === null) return seen
  const reverted = await hand.link.revert()
  return reverted.ok ? await hand.look() : reverted
}

async function activate(
  { link, state }: DeviceInHand,
  generation: number,
): Promise<Result<Returned, Failure>> {
  const report = await link.activate(generation, state)
  if (!report.ok) return report
  const missing = report.value.lines.flatMap((line) =>
    line.type === 'resource' && line.change === 'failed' ? [line.resource] : [],
  )
  return ok({ generation: report.value.end.generation ?? 0, missing })
}

/**
 * A device that was lost answers again: where is it? On the new release it is judged like any other
 * that was moved. `null`: it does not answer.
 */
export async function recoverDevice(
  hand: DeviceInHand,
  target: RolloutTarget,
  errorsPerMinuteBefore: number | null,
): Promise<ActionEvent | null> {
  const device = hand.device.name
  const seen = await settledGeneration(hand)
  if (!seen.ok) return null
  const { generation, state, returning } = seen.value
  if (returning !== null) return await returnDevice(hand, target)
  const at = { atUnixMs: target.nowMs(), device }
  const before = target.started.before[device]
  if (before !== undefined && isBefore(seen.value, before)) {
    return { ...at, type: 'returned', generation, missing: [] }
  }
  if (state !== null && state === target.started.release.states[device]) {
    const numbers = { before: before?.generation ?? 0, after: generation, tookSeconds: null }
    return { ...at, type: 'moved', ...numbers, errorsPerMinuteBefore }
  }
  const detail = `generation ${generation} is neither what it had before nor the new release`
  return { ...at, type: 'stuck', detail }
}
