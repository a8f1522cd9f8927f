/** `timeball rollout pause|resume|promote|abort|rollback`: asks the process that runs it, or the controller, or runs it. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import {
  handToRunner,
  leaveToController,
  operationOf,
  pauseUnattended,
  readRollout,
  takeUp,
  type Asked,
} from '../../app/operate/control-rollout.ts'
import { takeUpRollout, type TakeUpFailure } from '../../app/rollout/conduct-rollout.ts'
import { fail } from '@timeball/lib/result.ts'
import type { RolloutRequest } from '../../core/rollout/event.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { reason } from '../../core/rollout/reason.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet } from '../fleet-claim.ts'
import { sayUnreadable } from '../open-store.ts'
import { refuse, refuseImage } from '../problems.ts'
import { openRecords } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { followRollout } from './follow.ts'
import { openFleet } from './open-fleet.ts'
import { findRollout, withRollouts, type Rollouts } from './rollouts.ts'
import { runInForeground } from './run.ts'

export interface ControlOptions extends FleetOptions {
  readonly why?: string
}

export function controlCommand(
  context: Context,
  {
    action,
    named,
  }: { readonly action: RolloutRequest['action']; readonly named: string | undefined },
  options: ControlOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const request = { action, by: context.operator, why: reason(options.why ?? '') }
  return withRollouts(context, options, async (rollouts) => {
    const found = await findRollout(context, rollouts, named)
    if (!found.ok) return found.failure
    const asked: Asked = { rollout: found.value, request }
    await sayUnreadable(context, rollouts.store, asked.rollout)
    const askedUnixMs = context.nowUnixMs()
    const knownEvents = (await readRollout(rollouts.store, asked.rollout)).events
    const handed = await handToRunner(rollouts.store, asked, askedUnixMs)
    if (!handed.ok) return sayRefusal(terminal, handed.failure)
    if (action !== 'pause' && (await isForController(context, rollouts))) {
      if (handed.value === null) await leaveToController(rollouts.store, asked)
      const records = await openRecords(context, options.json)
      const followed = { rollout: asked.rollout, knownEvents, askedUnixMs, records }
      return await followRollout(context, rollouts.loaded, followed)
    }
    if (handed.value === null) {
      return action === 'pause'
        ? await pauseNow(context, rollouts, asked, options)
        : await goOn(context, asked, options)
    }
    const who = formatHolder(handed.value)
    terminal.say(`timeball: asked ${who}; see timeball rollout status --watch`)
    const records = await openRecords(context, options.json)
    const { rollout } = asked
    return records?.result(exitCodes.done, { asked: who, rollout }) ?? exitCodes.done
  })
}

/** One that is damaged is told of where it would be changed. */
async function isForController(context: Context, { loaded, store }: Rollouts): Promise<boolean> {
  return store.damage === null && (await context.isControllerHere(loaded))
}

async function pauseNow(
  context: Context,
  { loaded }: Rollouts,
  asked: Asked,
  options: ControlOptions,
): Promise<ExitCode> {
  const { rollout } = asked
  const wish = { operation: operationOf(rollout), epochFloor: 0, change: null }
  const paused = await withFleet(context, loaded, wish, ({ lease: { lease }, store }) =>
    pauseUnattended(store, asked, { lease, nowUnixMs: context.nowUnixMs() }),
  )
  const records = await openRecords(context, options.json)
  const exit = !paused.ok
    ? paused.failure
    : paused.value.ok
      ? exitCodes.done
      : sayRefusal(context.terminal, paused.value.failure)
  return records?.result(exit, { rollout }) ?? exit
}

async function goOn(context: Context, asked: Asked, options: ControlOptions): Promise<ExitCode> {
  const { rollout } = asked
  const opened = await openFleet(context, options)
  if (!opened.ok) return opened.failure
  const { loaded, outside } = opened.value
  const records = await openRecords(context, options.json)
  const wish = { rollout, epochFloor: 0, change: null, records }
  try {
    return await runInForeground(context, opened.value, wish, async (conduct) => {
      const taken = await takeUp(conduct.store, asked, conduct.nowMs())
      if (!taken.ok) return fail(sayRefusal(context.terminal, taken.failure))
      const { state, because } = taken.value
      const ended = await takeUpRollout(state, [because], loaded.fleet, conduct)
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
      return refuseImage(terminal, failure)
    case 'changed':
      return sayRefusal(terminal, failure)
  }
}
