/** `timeball apply`: plan, ask, make the changes, and say how it went on each device. */
import { ofFleet } from '../core/fleet-title.ts'
import { wayOn } from '../api/explain.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { applyFleet } from '../app/apply-fleet.ts'
import type { WantedChange } from '../app/operate/may-change.ts'
import type { Run } from '../app/outside.ts'
import { planFleet, replacedImages, seenOf, type PlannedFleet } from '../app/plan-fleet.ts'
import type { Prepared } from '../app/prepare.ts'
import { movedSince, parseSavedPlan, type SavedPlan } from '../app/saved-plan.ts'
import { stateDigest } from '../core/desired/desired-state.ts'
import type { FailureCode } from '../core/failure.ts'
import { changedElsewhere } from '../core/rollout/elsewhere.ts'
import { majorityEpoch } from '../core/rollout/epoch.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { countChanges, hasWork, type FleetPlan } from '../core/plan/fleet-plan.ts'
import type { PlanPolicy } from '../core/plan/plan-device.ts'
import { formatPlan, serviceEffect } from '../core/plan/format-plan.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { isUnfinished, recapOf } from './apply-recap.ts'
import type { Context, FleetOptions } from './context.ts'
import { findConflict, takeBackWarnings, withFleet } from './fleet-claim.ts'
import { learnDevices, leftInventory } from './left-devices.ts'
import { planResult } from './plan.ts'
import { rebootPolicy } from './reboot-policy.ts'
import { refuse, usageProblem } from './problems.ts'
import { showProgress } from './progress.ts'
import { openRecords, type Records } from './records.ts'
import { start, type Started } from './start.ts'
import { sayRefusal } from './refusals.ts'
import type { Terminal } from './terminal.ts'

export interface ApplyOptions extends FleetOptions {
  readonly plan?: string
  readonly check?: boolean
  readonly diff?: boolean
  readonly yes?: boolean
  readonly allowReboot?: boolean
  readonly allowRollback?: boolean
  readonly allowOtherState?: boolean
  readonly full?: boolean
}

export async function applyCommand(
  context: Context,
  targets: string | undefined,
  options: ApplyOptions,
): Promise<ExitCode> {
  if (options.plan !== undefined && (targets ?? options.limit) !== undefined) {
    const what = 'a saved plan names its devices, so --plan takes no targets and no --limit'
    return refuse(context.terminal, [usageProblem(what, 'plan the devices that you want')])
  }
  const saved = await readSavedPlan(context, options.plan)
  if (!saved.ok) return saved.failure
  const wanted = saved.value === null ? targets : Object.keys(saved.value.devices)
  const started = await start(context, wanted, options, 'change')
  if (!started.ok) return started.failure
  const records = await openRecords(context, options.json)
  const { prepared, outside } = started.value
  const allowReboot = options.allowReboot === true || saved.value?.reboot === true
  const policy = rebootPolicy(prepared.fleet.settings.apply.reboot, { allowReboot })
  const run = (total: number): Run => ({
    stop: context.stop,
    abort: context.abort,
    emit: showProgress(context.terminal, records, total),
    full: options.full === true,
  })
  const planned = await planFleet(prepared, policy, outside, run(prepared.devices.length))
  context.terminal.progress('')
  const refusal = await mayApply(context, started.value, planned, {
    options,
    saved: saved.value,
    records,
  })
  if (refusal !== null) {
    await outside.engine.close('keep')
    return refusal
  }
  return await change(context, started.value, planned, {
    wanted: wantedBy(prepared, planned, options),
    records,
    policy,
    run: run(prepared.devices.length),
  })
}

interface Change {
  readonly wanted: WantedChange
  readonly policy: PlanPolicy
  readonly records: Records | null
  readonly run: Run
}

async function change(
  context: Context,
  started: Started,
  planned: PlannedFleet,
  { records, run, policy, wanted }: Change,
): Promise<ExitCode> {
  const applied = await applyAlone(context, started, planned, { run, policy, wanted })
  context.terminal.progress('')
  await started.outside.engine.close('keep')
  if (!applied.ok) return records?.result(applied.failure, {}) ?? applied.failure
  const outcomes = applied.value
  await context.saveLastRun(started.loaded, {
    failed: outcomes.filter(isUnfinished).map(({ device }) => device),
    changed: outcomes.filter(({ status }) => status === 'changed').map(({ device }) => device),
  })
  return conclude(context, planned, outcomes, records)
}

function applyAlone(
  context: Context,
  { loaded, prepared, outside }: Started,
  planned: PlannedFleet,
  { run, policy, wanted }: Omit<Change, 'records'>,
): Promise<Result<readonly DeviceOutcome[], ExitCode>> {
  const epochs = planned.devices.values().map(({ observed }) => observed.epoch)
  const epochFloor = majorityEpoch(epochs, loaded.fleet.devices.length)
  const wish = { operation: 'apply', epochFloor, change: wanted }
  return withFleet(context, loaded, wish, async ({ lease, store }) => {
    await store.remember([...planned.devices.values()].map(({ device }) => device))
    const { origin } = store
    const numbers = { epoch: lease.lease.epoch, origin }
    const elsewhere = changedElsewhere(wanted.seen, origin)
    const change = {
      fleet: prepared.fleet,
      planned,
      policy,
      ...numbers,
      changedElsewhere: elsewhere,
    }
    const stop = AbortSignal.any([run.stop, lease.lost])
    return await applyFleet(change, outside, { ...run, stop })
  })
}

async function readSavedPlan(
  context: Context,
  path: string | undefined,
): Promise<Result<SavedPlan | null, ExitCode>> {
  const { terminal } = context
  if (path === undefined) return ok(null)
  const text = await context.readText(path)
  if (!text.ok) return fail(refuse(terminal, [text.failure]))
  const saved = parseSavedPlan(path, text.value)
  return saved.ok ? saved : fail(refuse(terminal, saved.failure))
}

interface Permission {
  readonly options: ApplyOptions
  readonly saved: SavedPlan | null
  readonly records: Records | null
}

/** Shows the plan and asks. `null`: go on; otherwise the exit code with which the command ends. */
async function mayApply(
  context: Context,
  { loaded, prepared }: Started,
  planned: PlannedFleet,
  { options, saved, records }: Permission,
): Promise<ExitCode | null> {
  const { terminal } = context
  const wanted = wantedBy(prepared, planned, options)
  const more = await takeBackWarnings(context, loaded, wanted)
  const left = await leftInventory(context, loaded)
  const plan = { ...planned.plan, warnings: [...planned.plan.warnings, ...more, ...left] }
  const effect = serviceEffect(plan, loaded.fleet.devices)
  const end = (exit: ExitCode): ExitCode => records?.result(exit, planResult(plan, effect)) ?? exit
  if (records === null) {
    const view = {
      diff: (options.diff ?? options.check === true) ? 'full' : 'short',
      wayOn,
    } as const
    terminal.outStyled(formatPlan(plan, loaded.fleet.devices, view))
  }
  if (context.stop.aborted) return end(exitCodes.interrupted)
  const moved = saved === null ? [] : movedSince(saved, plan, prepared)
  if (moved.length > 0) {
    return end(sayRefusal(terminal, { kind: 'stale', devices: moved }))
  }
  const failed = plan.failed.map(({ device }) => device)
  const exit = failed.length > 0 ? exitCodes.devicesFailed : exitCodes.done
  if (options.check === true) return end(exit)
  if (countChanges(plan).devices === 0) {
    await context.saveLastRun(loaded, { failed, changed: [] })
    await learnDevices(context, loaded, planned)
    return end(exit)
  }
  const conflict = await findConflict(context, loaded, wanted, 'change')
  const answer = conflict ?? (await ask(terminal, plan, options))
  return answer === null ? null : end(answer)
}

function wantedBy(
  { image, states, fleet }: Prepared,
  planned: PlannedFleet,
  options: ApplyOptions,
): WantedChange {
  const wanted = planned.plan.devices.filter(hasWork).flatMap(({ device }): [string, string][] => {
    const state = states.get(device)
    return state === undefined ? [] : [[device, stateDigest(state, fleet.name)]]
  })
  const { ref: imageAsWritten } = fleet.settings.image
  return {
    image,
    states: new Map(wanted),
    replaces: { imageAsWritten, running: replacedImages(planned) },
    mayTakeBack: options.allowRollback === true,
    seen: options.allowOtherState === true ? new Map() : seenOf(planned),
  }
}

async function ask(
  terminal: Terminal,
  plan: FleetPlan,
  options: ApplyOptions,
): Promise<ExitCode | null> {
  // A plan that was saved was read by whoever gave it here.
  if (options.yes === true || options.plan !== undefined) return null
  const { devices } = countChanges(plan)
  const subject = devices === 1 ? '1 device' : `${devices} devices`
  const answer = await terminal.confirm(`Apply to ${subject}${ofFleet(plan.fleet)}?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const problem = usageProblem('apply needs an answer, and nobody can be asked here', 'add --yes')
  return refuse(terminal, [problem])
}

function conclude(
  context: Context,
  { plan }: PlannedFleet,
  outcomes: readonly DeviceOutcome[],
  records: Records | null,
): ExitCode {
  const exit = context.stop.aborted ? exitCodes.interrupted : outcomeExit(outcomes)
  if (records !== null) {
    const names = (test: (outcome: DeviceOutcome) => boolean): string[] =>
      outcomes.filter(test).map(({ device }) => device)
    return records.result(exit, {
      fleet: plan.fleet,
      image: plan.image,
      changed: names(({ status }) => status === 'changed'),
      unchanged: names(({ status }) => status === 'unchanged'),
      failed: names(isUnfinished),
    })
  }
  for (const line of recapOf(outcomes, context.terminal)) context.terminal.out(line)
  return exit
}

/** Another operation was there first, or has moved the device since. */
const conflicts: ReadonlySet<FailureCode> = new Set([
  'moved',
  'fenced',
  'other-state',
  'locked',
  'unconfirmed',
])

function outcomeExit(outcomes: readonly DeviceOutcome[]): ExitCode {
  const failures = outcomes.flatMap(({ failure }) => failure ?? [])
  if (failures.length > 0) {
    const isChanged = outcomes.some(({ status }) => status === 'changed')
    const isConflict = !isChanged && failures.every(({ code }) => conflicts.has(code))
    return isConflict ? exitCodes.conflict : exitCodes.devicesFailed
  }
  // Devices that were not reached were spared because of one that does not serve good time.
  if (outcomes.some(({ service }) => service === 'settling')) return exitCodes.unhealthy
  return outcomes.some(isUnfinished) ? exitCodes.devicesFailed : exitCodes.done
}
