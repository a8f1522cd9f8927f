/** What waits for a person now, as the journals say it. */
import { waitingFor, type Waiting, type WaitingInput } from '../../core/controller/waiting.ts'
import { whyStill, type Outlook } from '../../core/rollout/outlook.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { operationOf } from '../operate/control-rollout.ts'

export interface WaitingParts extends Pick<WaitingInput, 'left' | 'wishes' | 'nowUnixMs'> {
  /** The newest rollout; `null`: there was none. */
  readonly newest: RolloutState | null
  readonly store: Pick<RolloutStore, 'holder' | 'blocked'>
  /** Whether a controller is there to go on with what nobody runs. */
  readonly hasController: boolean
  /** What was kept last of a rollout; `null`: nothing. */
  readonly readOutlook: (rollout: string) => Promise<Outlook | null>
}

export interface WaitingNow {
  readonly waiting: readonly Waiting[]
  /** Why the newest rollout does not move just now; `null`: it does, or it is over. */
  readonly still: string | null
}

/** Rejects when what is remembered cannot be read. */
export async function waitingNow(parts: WaitingParts): Promise<WaitingNow> {
  const { newest, store, hasController, nowUnixMs, left, wishes } = parts
  const blocked = await store.blocked()
  const isRun = newest !== null && (await isRunNow(newest, parts))
  const outlook =
    newest === null ? null : ofNow(await parts.readOutlook(newest.started.rollout), isRun)
  const isCared = isRun || hasController
  return {
    waiting: waitingFor({ newest, isCared, outlook, blocked, left, wishes, nowUnixMs }),
    still: newest !== null && goesOn(newest) && outlook !== null ? whyStill(outlook) : null,
  }
}

async function isRunNow(
  { started }: RolloutState,
  { store, nowUnixMs }: WaitingParts,
): Promise<boolean> {
  return (await store.holder(nowUnixMs))?.operation === operationOf(started.rollout)
}

/** Of a runner that has gone only stays why a controller could not go on. */
export function ofNow(outlook: Outlook | null, isRun: boolean): Outlook | null {
  return outlook !== null && (isRun || outlook.obstacle !== null) ? outlook : null
}

function goesOn({ status }: RolloutState): boolean {
  return status.kind === 'running' || status.kind === 'rolling-back'
}
