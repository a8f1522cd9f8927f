/** One device to the new release: look, apply, confirm over a fresh connection. */
import { stateDigest } from '../../core/desired/desired-state.ts'
import { failureText, isLost, type Failure, type FailureCode } from '../../core/failure.ts'
import type { DeviceOutcome } from '../../core/plan/event.ts'
import type { Observed } from '../../core/plan/observed.ts'
import { revertReasons, type Reverted } from '../../core/plan/revert-reason.ts'
import { planDevice } from '../../core/plan/plan-device.ts'
import { changeDevice, ended } from '../change-device.ts'
import { makeIdle } from '../make-idle.ts'
import { TakenOverError, type DeviceInHand, type RolloutTarget } from './target.ts'
import type { ActionEvent } from './world.ts'

export interface MoveSoFar {
  /**
   * An earlier runner may have begun it. Then a device that does not answer may be half way, and is
   * lost; else nothing was sent to it.
   */
  readonly isRepeated: boolean
  /** The generation of which it was told that it is reverted; `null`: of none. */
  readonly reverted: number | null
}

/** What was begun before is waited for and taken over; where it cannot be, its revert is told first. */
export async function moveDevice(
  hand: DeviceInHand,
  soFar: MoveSoFar,
  target: RolloutTarget,
): Promise<ActionEvent> {
  const startMs = target.nowMs()
  const tell = outcomeEvents(hand.device.name, target)
  const seen = await hand.lookWhenIdle()
  if (!seen.ok) return soFar.isRepeated ? tell.lost(seen.failure) : tell.notReached(seen.failure)
  const earlier = await takeUp(hand, seen.value, soFar, target)
  return earlier ?? (await change(hand, seen.value, startMs, target))
}

/** `null`: nothing is left of an earlier attempt, and the device is as it was at the start. */
async function takeUp(
  hand: DeviceInHand,
  observed: Observed,
  { isRepeated, reverted }: MoveSoFar,
  { started, nowMs }: RolloutTarget,
): Promise<ActionEvent | null> {
  const { name } = hand.device
  const tell = outcomeEvents(name, { nowMs })
  const { generation, pending, recovered } = observed
  const start = started.before[name] ?? { generation: 0, reverted: null }
  if (isOfRelease(observed, started.release.states[name]) && generation !== start.generation) {
    return await finish(hand, observed, start.generation, tell)
  }
  if (pending !== null) return await takeBack(hand, pending, tell)
  if (generation !== start.generation) {
    const detail = `generation ${generation}, and not ${start.generation} as at the start`
    return tell.refused({ code: 'moved', detail })
  }
  const isNews = recovered !== null && recovered.generation !== (reverted ?? start.reverted)
  return isRepeated && isNews ? tell.reverted(recovered) : null
}

function isOfRelease({ state }: Observed, wanted: string | undefined): boolean {
  return state !== null && state === wanted
}

async function change(
  hand: DeviceInHand,
  observed: Observed,
  startMs: number,
  target: RolloutTarget,
): Promise<ActionEvent> {
  const { device, state, link } = hand
  const { policy, nowMs, started } = target
  const digest = stateDigest(state, target.fleet.name)
  const errorsPerMinuteBefore = await hand.errorsPerMinute()
  const planned = { device, state, digest, observed, plan: planDevice(state, observed, policy) }
  const options = { policy, proveWayBack: true, emit: () => {} }
  const idle = await makeIdle(planned, link, options)
  const outcome = idle.ok
    ? await changeDevice(idle.value, link, options)
    : ended(device.name, 'failed', idle.failure)
  const tookSeconds = (nowMs() - startMs) / 1000
  const before = started.before[device.name]?.generation ?? 0
  const tell = outcomeEvents(device.name, target)
  return outcomeEvent(outcome, { before, tookSeconds, errorsPerMinuteBefore }, tell)
}

/** An earlier runner made the change, and was killed before or after its confirmation. */
async function finish(
  { link }: DeviceInHand,
  { pending, generation }: Observed,
  before: number,
  tell: OutcomeEvents,
): Promise<ActionEvent> {
  if (pending !== null) {
    const confirmed = await link.confirm(pending)
    if (!confirmed.ok) {
      refuseTakeOver(confirmed.failure)
      // Too late: the device has reverted it meanwhile, and may be moved again.
      return confirmed.failure.code === 'unconfirmed'
        ? tell.reverted({ generation: pending, reason: 'unconfirmed' })
        : tell.lost(confirmed.failure)
    }
  }
  return tell.moved({
    before,
    after: generation,
    tookSeconds: null,
    errorsPerMinuteBefore: null,
  })
}

/** What waits is not this release: it is reverted, and the device is looked at anew. */
async function takeBack(
  { link }: DeviceInHand,
  generation: number,
  tell: OutcomeEvents,
): Promise<ActionEvent> {
  const back = await link.revert()
  if (back.ok) return tell.reverted({ generation, reason: 'requested' })
  refuseTakeOver(back.failure)
  return isLost(back.failure) ? tell.lost(back.failure) : tell.refused(back.failure)
}

function outcomeEvent(
  { status, failure, generation }: DeviceOutcome,
  numbers: Omit<Numbers, 'after'>,
  tell: OutcomeEvents,
): ActionEvent {
  if (failure === null) return tell.moved({ ...numbers, after: generation ?? numbers.before })
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
  'not-allowed',
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
  readonly errorsPerMinuteBefore: number | null
}

const revertWords = {
  ...revertReasons,
  requested: 'it was not the release of this rollout',
} as const

interface OutcomeEvents {
  moved(numbers: Numbers): ActionEvent
  reverted(what: Reverted): ActionEvent
  notReached(failure: Failure): ActionEvent
  refused(failure: Failure): ActionEvent
  failed(failure: Failure): ActionEvent
  lost(failure: Failure): ActionEvent
}

function outcomeEvents(device: string, { nowMs }: Pick<RolloutTarget, 'nowMs'>): OutcomeEvents {
  const at = (): { atUnixMs: number; device: string } => ({ atUnixMs: nowMs(), device })
  return {
    moved: (numbers) => ({ ...at(), type: 'moved', ...numbers }),
    reverted: ({ generation, reason }) => ({
      ...at(),
      type: 'reverted',
      generation,
      detail: revertWords[reason],
    }),
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
