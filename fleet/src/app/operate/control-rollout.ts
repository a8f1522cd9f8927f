/**
 * What an operator asks of a rollout: pause, resume, promote, abort, rollback. The process that runs
 * it is asked; where none does, who asks takes the fleet and does it. What is in the way is read
 * again once the fleet is ours, since another operation may have begun and ended before.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import { replay } from '../../core/rollout/evolve.ts'
import type { Lease, LeaseHolder } from '../../core/rollout/lease.ts'
import { answerRequest } from '../../core/rollout/requests.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import type { Refusal } from './refusal.ts'

export interface Asked {
  readonly rollout: string
  readonly request: RolloutRequest
}

/** The operation in whose name the fleet is held for a rollout. */
export function operationOf(rollout: string): string {
  return `rollout ${rollout}`
}

export async function readRollout(
  store: Pick<RolloutStore, 'events'>,
  rollout: string,
): Promise<RolloutState> {
  const state = replay(await store.events(rollout))
  if (state === null) throw new Error(`the journal of ${rollout} has no beginning`)
  return state
}

/** The process that runs the rollout; `null`: none does. */
export async function runnerOf(
  store: Pick<RolloutStore, 'holder'>,
  rollout: string,
  nowUnixMs: number,
): Promise<LeaseHolder | null> {
  const holder = await store.holder(nowUnixMs)
  return holder?.operation === operationOf(rollout) ? holder : null
}

/** The process that was asked; `null`: none runs it, so it is for who asks. */
export async function handToRunner(
  store: Pick<RolloutStore, 'events' | 'holder' | 'request' | 'unreadable'>,
  asked: Asked,
  nowUnixMs: number,
): Promise<Result<LeaseHolder | null, Refusal>> {
  const { rollout, request } = asked
  const runner = await runnerOf(store, rollout, nowUnixMs)
  const answer = await answerNow(store, asked, { isRun: runner !== null, atUnixMs: nowUnixMs })
  if (!answer.ok) return answer
  if (runner !== null) await store.request(rollout, request)
  return ok(runner)
}

/** What nobody runs is for the controller then, which looks for requests. */
export async function leaveToController(
  store: Pick<RolloutStore, 'request'>,
  { rollout, request }: Asked,
): Promise<void> {
  await store.request(rollout, request)
}

export interface TakenUp {
  readonly state: RolloutState
  /** Journalled first, by whoever goes on. */
  readonly because: RolloutEvent
}

/** With the lease: what was asked of a process that has gone is overtaken by this. */
export async function takeUp(
  store: RolloutStore,
  asked: Asked,
  nowUnixMs: number,
): Promise<Result<TakenUp, Refusal>> {
  await store.takeRequests(asked.rollout)
  return await answerNow(store, asked, { isRun: false, atUnixMs: nowUnixMs })
}

/** With the lease: it stays as it is until somebody resumes it, and that is written down. */
export async function pauseUnattended(
  store: RolloutStore,
  asked: Asked,
  { lease, nowUnixMs }: { readonly lease: Lease; readonly nowUnixMs: number },
): Promise<Result<null, Refusal>> {
  const taken = await takeUp(store, asked, nowUnixMs)
  if (!taken.ok) return taken
  await store.append(asked.rollout, [taken.value.because], lease)
  return ok(null)
}

async function answerNow(
  store: Pick<RolloutStore, 'events' | 'unreadable'>,
  { rollout, request }: Asked,
  time: { readonly isRun: boolean; readonly atUnixMs: number },
): Promise<Result<TakenUp, Refusal>> {
  const { action } = request
  const isForward = action === 'resume' || action === 'promote'
  if (isForward && (await store.unreadable(rollout)).length > 0) {
    return fail({ kind: 'broken-journal', rollout })
  }
  const state = await readRollout(store, rollout)
  const event = answerRequest(request, state, time)
  if (event.ok) return ok({ state, because: event.value })
  return fail({ kind: 'impossible', action, rollout, status: state.status, why: event.failure })
}
