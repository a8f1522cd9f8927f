/** A rollout that the controller runs, shown as if it ran here: Ctrl-C ends the view and nothing else. */
import { readRollout } from '../../app/operate/control-rollout.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { evolve } from '../../core/rollout/evolve.ts'
import type { Outlook } from '../../core/rollout/outlook.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, LoadedFleet } from '../context.ts'
import { keepFailed } from '../keep-failed.ts'
import { openStore } from '../open-store.ts'
import type { Records } from '../records.ts'
import { leftBehind } from './exit-of.ts'
import { readOutlook } from './outlook-file.ts'
import { conclude } from './run.ts'
import { openRunView } from './run-view.ts'

export interface Followed {
  readonly rollout: string
  /** Events that its journal had when the controller was asked: what counts is what comes then. */
  readonly knownEvents: number
  readonly askedUnixMs: number
  readonly records: Records | null
}

/** Between two looks into the journal. */
const lookMs = 500

/** Until it is over or paused; the exit code is that of one which ran here. */
export async function followRollout(
  context: Context,
  loaded: LoadedFleet,
  followed: Followed,
): Promise<ExitCode> {
  context.detaches?.()
  const opened = await openStore(context, loaded, 'read')
  if (!opened.ok) return opened.failure
  try {
    const ended = await follow(context, loaded, { ...followed, store: opened.value })
    const isOpen = ended.ok && ended.value.status.kind !== 'ended'
    if (context.stop.aborted && isOpen) {
      const again = `timeball rollout status --watch ${followed.rollout}`
      context.terminal.say(`timeball: the controller goes on with it; to look again: ${again}`)
      const { records, rollout } = followed
      return records?.result(exitCodes.interrupted, { rollout }) ?? exitCodes.interrupted
    }
    const exit = conclude(context, ended, followed)
    if (ended.ok && exit === exitCodes.devicesFailed) {
      await keepFailed(context, loaded, leftBehind(ended.value))
    }
    return exit
  } finally {
    await opened.value.close()
  }
}

async function follow(
  context: Context,
  loaded: LoadedFleet,
  {
    store,
    rollout,
    knownEvents,
    askedUnixMs,
    records,
  }: Followed & { readonly store: RolloutStore },
): Promise<Result<RolloutState, ExitCode>> {
  const { stop } = context
  const view = openRunView(context, records, 'leaving it to the controller …')
  let state = await readRollout(store, rollout)
  let outlook: Outlook | null = null
  const news = (await store.events(rollout)).slice(knownEvents)
  view.onNews(state, news, () => outlook)
  while (!stop.aborted && !isSettled(state, knownEvents)) {
    outlook = await readOutlook(context, loaded, rollout)
    if (outlook !== null && outlook.obstacle !== null && outlook.atUnixMs >= askedUnixMs) {
      view.end(state)
      context.terminal.say(`timeball: the controller does not go on: ${outlook.obstacle.text}`)
      return fail(exitOfObstacle(outlook.obstacle.kind))
    }
    await context.wait(lookMs, stop)
    const more = await store.events(rollout, state.events)
    if (more.length === 0) continue
    state = evolve(state, more)
    const shown = state
    view.onNews(shown, more, () => outlook)
  }
  view.end(state)
  return ok(state)
}

/** What was asked has come of it, and nothing runs any more. */
function isSettled({ status, events }: RolloutState, knownEvents: number): boolean {
  return events > knownEvents && (status.kind === 'paused' || status.kind === 'ended')
}

/** As when the same is in the way here. */
function exitOfObstacle(kind: string): ExitCode {
  if (kind === 'problems') return exitCodes.usage
  return kind === 'image' || kind === 'broken-journal' ? exitCodes.failed : exitCodes.conflict
}
