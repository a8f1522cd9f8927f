/** One device to the new release: look, apply, confirm over a fresh connection. */
import { failureText, type Failure, type FailureCode } from '../../core/failure.ts'
import type { DeviceOutcome } from '../../core/plan/event.ts'
import type { Observed } from '../../core/plan/observed.ts'
import { changeDevice } from '../apply-device.ts'
import { confirm } from '../confirm.ts'
import type { Run } from '../outside.ts'
import { deviceOf, lookAt, type RolloutTarget } from './target.ts'
import type { ActionEvent } from './world.ts'

/** Another controller has the fleet: nothing more may be done by this one. */
export class TakenOverError extends Error {}

/**
 * `isRepeated`: an earlier runner may have begun it. Then a device that does not answer may be half
 * way, and is lost; else nothing was sent to it.
 */
export async function moveDevice(
  name: string,
  isRepeated: boolean,
  target: RolloutTarget,
  run: Run,
): Promise<ActionEvent> {
  const { started, outside, fleet } = target
  const startMs = target.nowMs()
  const subject = deviceOf(target, name)
  const wanted = started.release.states[name]
  const before = started.before[name]?.generation ?? 0
  const tell = outcomeEvents(name, target)
  const seen = await lookAt(name, target, run)
  if (!seen.ok) return isRepeated ? tell.lost(seen.failure) : tell.notReached(seen.failure)
  const observed = seen.value
  if (observed.state !== null && observed.state === wanted && observed.generation !== before) {
    return await finish(name, observed, { target, run, before })
  }
  if (observed.generation !== before && observed.pending === null) {
    const detail = `generation ${observed.generation}, and not ${before} as at the start`
    return tell.refused({ code: 'moved', detail })
  }
  const outcome = await changeDevice(
    {
      ...subject,
      fleet,
      observed,
      policy: target.policy,
      epoch: target.epochs.of(name),
      confirmMs: started.settings.confirm_timeout,
      proveWayBack: true,
    },
    outside,
    run,
  )
  return outcomeEvent(outcome, { target, before, tookSeconds: (target.nowMs() - startMs) / 1000 })
}

interface Finishing {
  readonly target: RolloutTarget
  readonly run: Run
  readonly before: number
}

/** An earlier runner made the change, and was killed before or after its confirmation. */
async function finish(
  name: string,
  { pending, generation }: Observed,
  { target, run, before }: Finishing,
): Promise<ActionEvent> {
  const { fleet, outside, started } = target
  const tell = outcomeEvents(name, target)
  if (pending !== null) {
    const { device } = deviceOf(target, name)
    const confirmMs = started.settings.confirm_timeout
    const work = { fleet, device, epoch: target.epochs.of(name), confirmMs }
    const confirmed = await confirm(work, pending, outside, run)
    if (!confirmed.ok) {
      refuseTakeOver(confirmed.failure)
      return tell.lost(confirmed.failure)
    }
  }
  return tell.moved({ before, after: generation, tookSeconds: null })
}

interface Change {
  readonly target: RolloutTarget
  readonly before: number
  readonly tookSeconds: number
}

function outcomeEvent(
  { device, status, failure, generation }: DeviceOutcome,
  { target, before, tookSeconds }: Change,
): ActionEvent {
  const tell = outcomeEvents(device, target)
  if (failure === null) return tell.moved({ before, after: generation ?? before, tookSeconds })
  refuseTakeOver(failure)
  if (status === 'lost') return tell.lost(failure)
  return untouched.has(failure.code) ? tell.refused(failure) : tell.failed(failure)
}

/** Throws when the device has seen another controller since. */
export function refuseTakeOver({ code, detail }: Failure): void {
  if (code === 'fenced') throw new TakenOverError(detail)
}

/** With these a device has changed nothing: see docs/device-protocol.md. */
const untouched: ReadonlySet<FailureCode> = new Set([
  'auth-refused',
  'host-key-unknown',
  'host-key-changed',
  'not-root',
  'locked',
  'moved',
  'no-space',
  'no-way-back',
  'corrupt-bundle',
  'package-failed',
  'image-failed',
])

interface Numbers {
  readonly before: number
  readonly after: number
  readonly tookSeconds: number | null
}

interface OutcomeEvents {
  moved(numbers: Numbers): ActionEvent
  notReached(failure: Failure): ActionEvent
  refused(failure: Failure): ActionEvent
  failed(failure: Failure): ActionEvent
  lost(failure: Failure): ActionEvent
}

function outcomeEvents(device: string, { nowMs }: Pick<RolloutTarget, 'nowMs'>): OutcomeEvents {
  const at = (): { atUnixMs: number; device: string } => ({ atUnixMs: nowMs(), device })
  return {
    moved: (numbers) => ({ ...at(), type: 'moved', ...numbers }),
    notReached: (failure) => ({
      ...at(),
      type: 'not-moved',
      reason: 'unreachable',
      detail: failureText(failure),
    }),
    refused: (failure) => ({
      ...at(),
      type: 'not-moved',
      reason: 'refused',
      detail: failureText(failure),
    }),
    failed: (failure) => ({ ...at(), type: 'move-failed', detail: failureText(failure) }),
    lost: (failure) => ({ ...at(), type: 'lost', detail: failureText(failure) }),
  }
}
