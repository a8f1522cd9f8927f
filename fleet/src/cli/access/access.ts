/**
 * `timeball access plan|apply`: who may log in, changed by itself. The first device goes alone, and
 * each has to be reached anew before it keeps the change: what locks us out reverts by itself.
 */
import { wayOn } from '../../api/explain.ts'
import { devicePlanRecord, failureRecord } from '../../api/records/make-records.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { applyFleet } from '../../app/apply-fleet.ts'
import { whyUnfinished } from '../../app/operate/may-change.ts'
import type { Run } from '../../app/outside.ts'
import { planFleet, seenOf, type PlannedFleet } from '../../app/plan-fleet.ts'
import { isOfAccess } from '../../core/access/access-files.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { ofFleet } from '../../core/fleet-title.ts'
import type { DevicePlan } from '../../core/plan/change.ts'
import type { DeviceOutcome } from '../../core/plan/event.ts'
import { hasWork, type FleetPlan } from '../../core/plan/fleet-plan.ts'
import { formatPlan, serviceEffect } from '../../core/plan/format-plan.ts'
import { changedElsewhere } from '../../core/rollout/elsewhere.ts'
import { majorityEpoch } from '../../core/rollout/epoch.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { isUnfinished, recapOf } from '../apply-recap.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet } from '../fleet-claim.ts'
import { keepFailed } from '../keep-failed.ts'
import { planResult } from '../plan.ts'
import { rebootPolicy } from '../reboot-policy.ts'
import { refuse, usageProblem } from '../problems.ts'
import { showProgress } from '../progress.ts'
import { openRecords, type Records } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { prepareReached, reach, type Started } from '../start.ts'

export interface AccessOptions extends FleetOptions {
  readonly yes?: boolean
}

export async function accessCommand(
  context: Context,
  targets: string | undefined,
  options: AccessOptions & { readonly does: 'plan' | 'apply' },
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const { loaded, outside } = reached.value
  try {
    if (loaded.fleet.settings.access === undefined) {
      const what = 'fleet.yaml has no access:, so sshd and accounts are left alone'
      return refuse(context.terminal, [usageProblem(what, 'docs/access.md shows what goes there')])
    }
    const started = await prepareReached(context, reached.value, 'change')
    return started.ok ? await planAndApply(context, started.value, options) : started.failure
  } finally {
    await outside.engine.close('keep')
  }
}

async function planAndApply(
  context: Context,
  started: Started,
  options: AccessOptions & { readonly does: 'plan' | 'apply' },
): Promise<ExitCode> {
  const { terminal } = context
  const { loaded, prepared, outside } = started
  const records = await openRecords(context, options.json)
  const emit = showProgress(terminal, records, prepared.devices.length)
  const run: Run = { stop: context.stop, abort: context.abort, emit }
  const policy = rebootPolicy(loaded.fleet.settings.apply.reboot, {})
  const planned = await planFleet(prepared, policy, outside, run)
  terminal.progress('')
  const shown = { ...planned.plan, devices: planned.plan.devices.map(ofAccessAlone) }
  const exit = shown.failed.length > 0 ? exitCodes.devicesFailed : exitCodes.done
  const effect = serviceEffect(shown, loaded.fleet.devices)
  const end = (code: ExitCode): ExitCode => records?.result(code, planResult(shown, effect)) ?? code
  show(context, started, shown, records)
  const work = shown.devices.some(hasWork)
  if (options.does === 'plan' || !work || context.stop.aborted) {
    return end(context.stop.aborted ? exitCodes.interrupted : exit)
  }
  const refusal = await mayApply(context, started, planned, options)
  if (refusal !== null) return end(refusal)
  const outcomes = await applyAlone(context, started, planned, run)
  terminal.progress('')
  if (!outcomes.ok) return end(outcomes.failure)
  const failed = outcomes.value.filter(isUnfinished).map(({ device }) => device)
  await keepFailed(context, loaded, failed)
  if (records === null) for (const line of recapOf(outcomes.value, terminal)) terminal.out(line)
  return end(failed.length > 0 ? exitCodes.devicesFailed : exit)
}

function ofAccessAlone(plan: DevicePlan): DevicePlan {
  return { ...plan, changes: plan.changes.filter(({ resource }) => isOfAccess(resource)) }
}

function show(
  { terminal }: Context,
  { loaded }: Started,
  plan: FleetPlan,
  records: Records | null,
): void {
  const { devices } = loaded.fleet
  if (records === null) {
    terminal.outStyled(formatPlan(plan, devices, { diff: 'full', wayOn }))
    return
  }
  for (const device of plan.devices) records.write(devicePlanRecord(device))
  for (const { device, failure } of plan.failed) {
    records.write({ type: 'unplanned', device, ...failureRecord(failure) })
  }
}

/** `null`: go on. */
async function mayApply(
  { terminal }: Context,
  { loaded }: Started,
  { plan }: PlannedFleet,
  { yes }: AccessOptions,
): Promise<ExitCode | null> {
  const others = plan.devices.filter(
    ({ changes, isBusy, pending }) =>
      !isBusy && pending === null && !changes.every(({ resource }) => isOfAccess(resource)),
  )
  if (others.length > 0) {
    const names = namesOf(others.map(({ device }) => device))
    terminal.say(`timeball: ${names}: there are changes that are not of access`)
    terminal.say('    make them first, or all at once: timeball apply; nothing was changed')
    return exitCodes.conflict
  }
  if (yes === true) return null
  const names = namesOf(plan.devices.filter(hasWork).map(({ device }) => device))
  const answer = await terminal.confirm(
    `Change who may log in to ${names}${ofFleet(loaded.fleet.name)}?`,
  )
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'access apply needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}

async function applyAlone(
  context: Context,
  { loaded, prepared, outside }: Started,
  planned: PlannedFleet,
  run: Run,
): Promise<Result<readonly DeviceOutcome[], ExitCode>> {
  const epochs = planned.devices.values().map(({ observed }) => observed.epoch)
  const epochFloor = majorityEpoch(epochs, loaded.fleet.devices.length)
  const wish = { operation: 'access apply', epochFloor, change: null }
  const done = await withFleet(context, loaded, wish, async ({ lease, store }) => {
    const unfinished = await whyUnfinished(store)
    if (unfinished !== null) return fail(sayRefusal(context.terminal, unfinished))
    await store.remember([...planned.devices.values()].map(({ device }) => device))
    const stop = AbortSignal.any([run.stop, lease.lost])
    const { fleet } = prepared
    const change = {
      // No clock is touched, so nobody has to wait until it is good again.
      fleet: withoutSettling(fleet),
      policy: rebootPolicy(fleet.settings.apply.reboot, {}),
      epoch: lease.lease.epoch,
      origin: store.origin,
      changedElsewhere: changedElsewhere(seenOf(planned), store.origin),
    }
    const [first, rest] = cutFirst(planned)
    const one = await applyFleet({ ...change, planned: first }, outside, { ...run, stop })
    const isGood = !one.some(isUnfinished)
    const others = isGood
      ? await applyFleet({ ...change, planned: rest }, outside, { ...run, stop })
      : []
    return ok([...one, ...others])
  })
  return done.ok ? done.value : done
}

function withoutSettling<T extends Started['prepared']['fleet']>(fleet: T): T {
  const apply = { ...fleet.settings.apply, settle_timeout: 0 }
  return { ...fleet, settings: { ...fleet.settings, apply } }
}

/** The first device that has work, and all others. */
function cutFirst({ plan, devices }: PlannedFleet): readonly [PlannedFleet, PlannedFleet] {
  const name = plan.devices.find(hasWork)?.device
  const part = (isFirst: boolean): PlannedFleet => ({
    plan: {
      ...plan,
      devices: plan.devices.filter(({ device }) => (device === name) === isFirst),
      failed: isFirst ? [] : plan.failed,
    },
    devices: new Map([...devices].filter(([device]) => (device === name) === isFirst)),
  })
  return [part(true), part(false)]
}
