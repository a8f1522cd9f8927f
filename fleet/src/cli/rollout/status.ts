/** `timeball rollout status`: a rollout as it is now, or until it is over. */
import { readRollout, runnerOf } from '../../app/operate/control-rollout.ts'
import { ofNow } from '../../app/serve/waiting-list.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { evolve } from '../../core/rollout/evolve.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { statusRecord } from '../../core/rollout/show/records.ts'
import { statusView } from '../../core/rollout/show/status-view.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { Context, FleetOptions } from '../context.ts'
import { sayUnreadable } from '../open-store.ts'
import { openRecords, type Records } from '../records.ts'
import { exitOf } from './exit-of.ts'
import { readOutlook } from './outlook-file.ts'
import { findRollout, withRollouts, type Rollouts } from './rollouts.ts'

export interface StatusOptions extends FleetOptions {
  readonly watch?: boolean
}

/** Between two looks into the journal. */
const watchMs = 1_000

export function statusCommand(
  context: Context,
  named: string | undefined,
  options: StatusOptions,
): Promise<ExitCode> {
  return withRollouts(context, options, async (rollouts) => {
    const found = await findRollout(context, rollouts, named)
    if (!found.ok) return found.failure
    const records = await openRecords(context, options.json)
    const isWatching = options.watch === true
    await sayUnreadable(context, rollouts.store, found.value)
    const first = await readRollout(rollouts.store, found.value)
    const look = { context, rollouts, records, isWatching }
    const state = isWatching ? await watch(look, first) : first
    if (!isWatching) await show(look, state)
    const isInterrupted = context.stop.aborted
    const exit = isWatching ? exitOf(state, { isInterrupted }) : exitCodes.done
    const { kind } = state.status
    return records?.result(exit, { rollout: found.value, rollout_status: kind }) ?? exit
  })
}

/** Until it is over. On a terminal the time goes on also when nothing happens. */
async function watch(look: Look, first: RolloutState): Promise<RolloutState> {
  const { stop, terminal } = look.context
  const { rollout } = first.started
  let state = first
  await show(look, state)
  while (state.status.kind !== 'ended' && !stop.aborted) {
    await look.context.wait(watchMs, stop)
    const news = await look.rollouts.store.events(rollout, state.events)
    state = evolve(state, news)
    if (!stop.aborted && (news.length > 0 || terminal.width !== null)) await show(look, state)
  }
  return state
}

interface Look {
  readonly context: Context
  readonly rollouts: Rollouts
  readonly records: Records | null
  readonly isWatching: boolean
}

async function show(
  { context, rollouts, records, isWatching }: Look,
  state: RolloutState,
): Promise<void> {
  const { terminal } = context
  const { rollout } = state.started
  const nowMs = context.nowUnixMs()
  const runner = await runnerOf(rollouts.store, rollout, nowMs)
  const seen = ofNow(await readOutlook(context, rollouts.loaded, rollout), runner !== null)
  const look = { nowMs, outlook: state.status.kind === 'ended' ? null : seen }
  if (records !== null) {
    const by = runner === null ? null : formatHolder(runner)
    records.write({ type: 'rollout', ...statusRecord(state, look), run_by: by })
    return
  }
  if (isWatching) terminal.clear()
  for (const line of statusView(state, look, terminal)) terminal.out(line)
  if (state.status.kind === 'running' || state.status.kind === 'rolling-back') {
    const orphaned = `nobody runs it: timeball rollout resume ${rollout}`
    terminal.out('')
    terminal.out(runner === null ? orphaned : `run by ${formatHolder(runner)}`)
  }
}
