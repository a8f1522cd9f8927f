/** What a process that runs rollouts for others goes on with, once it has the fleet. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { evolve } from '../../core/rollout/evolve.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import { answerRequest } from '../../core/rollout/requests.ts'
import type { RolloutState, RolloutStatus } from '../../core/rollout/state.ts'
import { isUnfinished, type RolloutSummary } from '../../core/rollout/summary.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { readRollout } from '../operate/control-rollout.ts'
import type { Refusal } from '../operate/refusal.ts'

/** Rollouts with something to do that no person has to say first, what was asked for before the rest. */
export async function rolloutsToRun(
  store: Pick<RolloutStore, 'list' | 'requested'>,
): Promise<readonly string[]> {
  const known = await store.list()
  const names = new Set(known.map(({ rollout }) => rollout))
  const asked = (await store.requested()).filter((rollout) => names.has(rollout))
  const unfinished = known.filter(goesOnByItself).map(({ rollout }) => rollout)
  return [...new Set([...asked, ...unfinished])]
}

/** What a person paused, or has to promote, stays as it is. */
function goesOnByItself(summary: RolloutSummary): boolean {
  return isUnfinished(summary) && summary.status !== 'paused'
}

export interface Next {
  readonly state: RolloutState
  /** To be journalled first; what was asked and does not fit is not among it. */
  readonly because: readonly RolloutEvent[]
  /** Whether it runs then. */
  readonly isRunning: boolean
}

/** With the lease. What was asked comes first; without that it is taken up as it was left. */
export async function nextOf(
  store: RolloutStore,
  rollout: string,
  { by, nowUnixMs: atUnixMs }: { readonly by: string; readonly nowUnixMs: number },
): Promise<Result<Next, Refusal>> {
  const state = await readRollout(store, rollout)
  const asked: RolloutEvent[] = []
  let after = state
  for (const request of await store.takeRequests(rollout)) {
    const answer = answerRequest(request, after, { isRun: false, atUnixMs })
    if (!answer.ok) continue
    asked.push(answer.value)
    after = evolve(after, [answer.value])
  }
  const isRunning = runs(after.status)
  if (after.status.kind === 'running' && (await store.unreadable(rollout)).length > 0) {
    return fail({ kind: 'broken-journal', rollout })
  }
  const takenUp: RolloutEvent = { atUnixMs, type: 'resumed', by, why: 'taken up by the controller' }
  const because = asked.length === 0 && isRunning ? [takenUp] : asked
  return ok({ state, because, isRunning })
}

function runs({ kind }: RolloutStatus): boolean {
  return kind === 'running' || kind === 'rolling-back'
}
