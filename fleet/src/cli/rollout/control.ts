/** `timeball rollout pause|resume|promote|abort|rollback`: asks the process that runs it, or runs it. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { takeUpRollout, type TakeUpFailure } from '../../app/rollout/conduct-rollout.ts'
import { foldNames } from '../../core/plan/names.ts'
import { fail } from '@timeball/lib/result.ts'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { answerRequest } from '../../core/rollout/requests.ts'
import { reason } from '../../core/rollout/reason.ts'
import { statusText } from '../../core/rollout/show/status-view.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet } from '../fleet-claim.ts'
import { refuse } from '../problems.ts'
import { sayUnreadable } from '../open-store.ts'
import { openRecords } from '../records.ts'
import { openFleet } from './open-fleet.ts'
import {
  findRollout,
  operationOf,
  readState,
  runnerOf,
  withRollouts,
  type Rollouts,
} from './rollouts.ts'
import { runInForeground } from './run.ts'

export interface ControlOptions extends FleetOptions {
  readonly why?: string
}

export interface Asked {
  readonly action: RolloutRequest['action']
  /** Of the rollout; the newest one without. */
  readonly named: string | undefined
}

export function controlCommand(
  context: Context,
  { action, named }: Asked,
  options: ControlOptions,
): Promise<ExitCode> {
  const request = { action, by: context.operator, why: reason(options.why ?? '') }
  return withRollouts(context, options, async (rollouts) => {
    const found = await findRollout(context, rollouts, named)
    if (!found.ok) return found.failure
    const isBroken = await sayUnreadable(context, rollouts.store, found.value)
    if (isBroken && (action === 'resume' || action === 'promote')) {
      context.terminal.say(`timeball: it cannot go on: timeball rollout rollback or abort`)
      return exitCodes.failed
    }
    const state = await readState(rollouts, found.value)
    const runner = await runnerOf(context, rollouts, found.value)
    const atUnixMs = context.nowUnixMs()
    const answer = answerRequest(request, state, { isRun: runner !== null, atUnixMs })
    if (!answer.ok) return sayImpossible(context, { action, why: answer.failure }, state)
    if (runner === null) {
      return action === 'pause'
        ? await pauseNow(context, rollouts, answer.value, { state, options })
        : await takeUp(context, request, { state, options })
    }
    await rollouts.store.request(found.value, request)
    const who = formatHolder(runner)
    context.terminal.say(`timeball: asked ${who}; see timeball rollout status --watch`)
    const records = openRecords(context, options.json)
    return records?.result(exitCodes.done, { asked: who, rollout: found.value }) ?? exitCodes.done
  })
}

function sayImpossible(
  { terminal }: Context,
  { action, why }: { readonly action: RolloutRequest['action']; readonly why: string },
  { started, status }: RolloutState,
): ExitCode {
  const is = statusText(status).text
  terminal.say(
    `timeball: there is nothing to ${action}: rollout ${started.rollout} is ${is}; ${why}`,
  )
  return exitCodes.conflict
}

interface Unattended {
  readonly state: RolloutState
  readonly options: ControlOptions
}

/** Nobody runs it: it stays as it is until somebody resumes it, and that is written down. */
async function pauseNow(
  context: Context,
  { loaded }: Rollouts,
  event: RolloutEvent,
  { state, options }: Unattended,
): Promise<ExitCode> {
  const { rollout } = state.started
  const wish = { operation: operationOf(rollout), epochFloor: 0, change: null }
  const paused = await withFleet(context, loaded, wish, ({ lease, store }) =>
    store.append(rollout, [event], lease.lease),
  )
  const exit = paused.ok ? exitCodes.done : paused.failure
  const records = openRecords(context, options.json)
  return records?.result(exit, { rollout }) ?? exit
}

async function takeUp(
  context: Context,
  request: RolloutRequest,
  { state, options }: Unattended,
): Promise<ExitCode> {
  const { rollout } = state.started
  const opened = await openFleet(context, options)
  if (!opened.ok) return opened.failure
  const { loaded, outside } = opened.value
  const records = openRecords(context, options.json)
  const wish = { rollout, epochFloor: 0, change: null, records }
  try {
    return await runInForeground(context, opened.value, wish, async (conduct) => {
      // What was asked of a process that has gone is overtaken by this command.
      await conduct.store.takeRequests(rollout)
      const now = { isRun: false, atUnixMs: conduct.nowMs() }
      const because = answerRequest(request, state, now)
      if (!because.ok) throw new Error(because.failure)
      const ended = await takeUpRollout(state, because.value, loaded.fleet, conduct)
      return ended.ok ? ended : fail(sayFailure(context, ended.failure))
    })
  } finally {
    await outside.engine.close('keep')
  }
}

function sayFailure({ terminal }: Context, failure: TakeUpFailure): ExitCode {
  switch (failure.kind) {
    case 'problems':
      return refuse(terminal, failure.problems)
    case 'image':
      terminal.say(`timeball: ${failure.detail}`)
      return exitCodes.failed
    case 'changed': {
      const names = foldNames(failure.devices)
      terminal.say(`timeball: the files of the fleet say something else now for ${names}`)
      terminal.say('    put them back as they were, or end this one: timeball rollout abort')
      return exitCodes.conflict
    }
  }
}
