/** `timeball rollout start`: shows what would move where, asks, and moves it. */
import { ofFleet } from '../../core/fleet-title.ts'
import { wayOn } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { enterRollout, startRollout } from '../../app/rollout/conduct-rollout.ts'
import {
  draftRollout,
  type DraftFailure,
  type RolloutDraft,
} from '../../app/rollout/draft-rollout.ts'
import { operationOf } from '../../app/operate/control-rollout.ts'
import { whyBusy, type WantedChange } from '../../app/operate/may-change.ts'
import { withRegistry } from '../../core/desired/carried-image.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import { foldNames } from '../../core/plan/names.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { formatRolloutPlan, rolloutPlanRecord } from '../../core/rollout/planning/show-plan.ts'
import { reason } from '../../core/rollout/reason.ts'
import type { Context, FleetOptions } from '../context.ts'
import { findConflict, takeBackWarnings, withFleet } from '../fleet-claim.ts'
import { keepFailed } from '../keep-failed.ts'
import { openStore } from '../open-store.ts'
import { rebootPolicy } from '../reboot-policy.ts'
import { refuse, refuseImage, usageProblem } from '../problems.ts'
import { sayRefusal } from '../refusals.ts'
import { openRecords, type Records } from '../records.ts'
import type { Reached } from '../start.ts'
import type { Terminal } from '../terminal.ts'
import { followRollout } from './follow.ts'
import { openFleet } from './open-fleet.ts'
import { runInForeground, type RunWish } from './run.ts'

export interface StartOptions extends FleetOptions {
  readonly image?: string
  readonly why?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly allowQuorumLoss?: boolean
  readonly allowRollback?: boolean
  readonly allowOtherState?: boolean
  readonly overrideFreeze?: string
}

export async function startCommand(context: Context, typed: StartOptions): Promise<ExitCode> {
  const { image } = typed
  const options = image === undefined ? typed : { ...typed, image: withRegistry(image) }
  const named = parseImageReference(options.image ?? 'none')
  if (!named.ok) return refuse(context.terminal, [usageProblem(`--image: ${named.failure}`, null)])
  const opened = await openFleet(context, options)
  if (!opened.ok) return opened.failure
  const open = opened.value
  const records = await openRecords(context, options.json)
  const end = (exit: ExitCode): ExitCode => records?.result(exit, {}) ?? exit
  try {
    const drafted = await draft(context, open, options)
    if (!drafted.ok) return end(drafted.failure)
    const refusal = await mayStart(context, open, drafted.value, { options, records })
    if (refusal !== null) return end(refusal)
    const { started, epochFloor } = drafted.value
    const change = wantedBy(drafted.value, options)
    const wish = { rollout: started.rollout, epochFloor, change, records }
    if (await context.isControllerHere(open.loaded)) {
      return await leaveToController(context, open, wish, drafted.value)
    }
    return await runInForeground(context, open, wish, async (conduct) =>
      ok(await startRollout(drafted.value, conduct)),
    )
  } finally {
    await open.outside.engine.close('keep')
  }
}

/** It is in the journal then, and the controller takes it up from there. */
async function leaveToController(
  context: Context,
  { loaded }: Reached,
  { rollout, epochFloor, change, records }: RunWish,
  drafted: RolloutDraft,
): Promise<ExitCode> {
  const askedUnixMs = context.nowUnixMs()
  const claim = { operation: operationOf(rollout), epochFloor, change }
  const entered = await withFleet(context, loaded, claim, ({ lease, store }) =>
    enterRollout(drafted, { lease, store, nowMs: () => context.nowUnixMs() }),
  )
  if (!entered.ok)
    return records?.result(entered.failure, { rollout, result: null }) ?? entered.failure
  return await followRollout(context, loaded, { rollout, knownEvents: 0, askedUnixMs, records })
}

async function draft(
  context: Context,
  { loaded, devices, outside }: Reached,
  options: StartOptions,
): Promise<Result<RolloutDraft, ExitCode>> {
  const { terminal, stop, abort } = context
  const store = await openStore(context, loaded, 'change')
  if (!store.ok) return store
  const wish = {
    fleet: loaded.fleet,
    settingsFile: loaded.settingsFile,
    devices,
    image: options.image ?? null,
    policy: rebootPolicy(loaded.fleet.settings.apply.reboot, { allowReboot: false }),
    by: context.operator,
    why: reason(options.why ?? ''),
    allowQuorumLoss: options.allowQuorumLoss === true,
    allowOtherState: options.allowOtherState === true,
    overrideFreeze: reason(options.overrideFreeze ?? '') || null,
  }
  try {
    const busy = options.dryRun === true ? null : await whyBusy(store.value, context.nowUnixMs())
    if (busy !== null) return fail(sayRefusal(terminal, busy))
    terminal.progress(`checking ${devices.length} devices`)
    const run = { stop, abort, emit: () => {} }
    const nowUnixMs = context.nowUnixMs()
    const drafted = await draftRollout(wish, outside, store.value, { run, nowUnixMs })
    terminal.progress('')
    if (stop.aborted) return fail(exitCodes.interrupted)
    return drafted.ok ? drafted : fail(sayFailure(context, drafted.failure))
  } finally {
    await store.value.close()
  }
}

function sayFailure({ terminal }: Context, failure: DraftFailure): ExitCode {
  switch (failure.kind) {
    case 'problems':
      return refuse(terminal, failure.problems)
    case 'quorum':
      return sayRefusal(terminal, { kind: 'quorum', problems: failure.problems })
    case 'image':
      return refuseImage(terminal, failure)
    case 'unreachable':
      terminal.say(`timeball: not reached: ${foldNames(failure.devices)}; nothing was changed`)
      return exitCodes.devicesFailed
  }
}

interface Permission {
  readonly options: StartOptions
  readonly records: Records | null
}

/** Shows the plan and asks. `null`: go on. */
async function mayStart(
  context: Context,
  { loaded }: Reached,
  draft: RolloutDraft,
  { options, records }: Permission,
): Promise<ExitCode | null> {
  const { terminal } = context
  const { plan, release, settings, rollout, unreachable } = draft.started
  const { good } = draft
  const frozen = draft.frozenAt(context.nowUnixMs())
  if (records === null) {
    terminal.outStyled(formatRolloutPlan(plan, { release, settings, good, layout: terminal }))
  } else {
    const record = rolloutPlanRecord(plan, { release, settings, good })
    records.write({ type: 'rollout_plan', rollout, ...record, frozen, unreachable })
  }
  await keepFailed(context, loaded, unreachable)
  if (plan.waves.length === 0) return unreachedExit(terminal, draft)
  const wanted = wantedBy(draft, options)
  if (options.dryRun === true) {
    const warnings = wanted.mayTakeBack ? [] : await takeBackWarnings(context, loaded, wanted)
    for (const warning of warnings) terminal.say(`timeball: ${warning}`)
    if (frozen !== null) terminal.say(`timeball: nothing may be started now: ${frozen}`)
    return (await findConflict(context, loaded, wanted, 'plan')) ?? unreachedExit(terminal, draft)
  }
  return (
    (await findConflict(context, loaded, wanted, 'change')) ?? (await ask(context, draft, options))
  )
}

/** Of a rollout that goes no further than its plan. */
function unreachedExit({ heard }: Terminal, { started }: RolloutDraft): ExitCode {
  const { plan, unreachable } = started
  if (unreachable.length === 0) return exitCodes.done
  for (const device of unreachable) {
    const message = plan.leftAlone[device] ?? 'not reached'
    heard?.errors.push({ code: 'unreachable', message, hint: wayOn('unreachable'), device })
  }
  return exitCodes.devicesFailed
}

/** Whoever names an image means that one, also when it is an older one. */
function wantedBy(
  { started, running, seen, frozenAt }: RolloutDraft,
  options: StartOptions,
): WantedChange {
  const { image, imageAsWritten, states } = started.release
  return {
    image,
    states: new Map(Object.entries(states)),
    replaces: { imageAsWritten, running },
    mayTakeBack: options.image !== undefined || options.allowRollback === true,
    seen: options.allowOtherState === true ? new Map() : seen,
    frozenAt,
  }
}

async function ask(
  { terminal }: Context,
  { started: { fleet, plan } }: RolloutDraft,
  { yes }: StartOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const count = plan.waves.reduce((sum, { devices }) => sum + devices.length, 0)
  const subject = count === 1 ? '1 device' : `${count} devices`
  const answer = await terminal.confirm(`Roll out to ${subject}${ofFleet(fleet)}?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'rollout start needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}
