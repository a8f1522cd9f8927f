/** `timeball plan`: what would change, on each device. */
import { devicePlanRecord, failureRecord } from '../api/records/make-records.ts'
import { wayOn } from '../api/explain.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { ResultFields } from '../api/records/result-record.ts'
import { planOffline } from '../app/assemble-plan.ts'
import type { Prepared } from '../app/prepare.ts'
import type { Device } from '../core/device/device.ts'
import { countChanges, type FleetPlan } from '../core/plan/fleet-plan.ts'
import { formatPlan, serviceEffect } from '../core/plan/format-plan.ts'
import type { PlanPolicy } from '../core/plan/plan-device.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from './context.ts'
import { takeBackWarnings } from './fleet-claim.ts'
import { keepFailed } from './keep-failed.ts'
import { leftInventory } from './left-devices.ts'
import { refuse } from './problems.ts'
import { showProgress } from './progress.ts'
import { rebootPolicy } from './reboot-policy.ts'
import { openRecords, type Records } from './records.ts'
import { start, startOffline, type Started, type Wanted } from './start.ts'

export interface PlanOptions extends FleetOptions {
  readonly offline?: boolean
  readonly out?: string
  readonly diff?: boolean
  readonly detailedExitcode?: boolean
  readonly allowReboot?: boolean
  readonly full?: boolean
}

export async function planCommand(
  context: Context,
  targets: string | undefined,
  options: PlanOptions,
): Promise<ExitCode> {
  const started: Result<Wanted | Started, ExitCode> =
    options.offline === true
      ? await startOffline(context, targets, options)
      : await start(context, targets, options, 'change')
  if (!started.ok) return started.failure
  const records = await openRecords(context, options.json)
  const { loaded, prepared } = started.value
  const policy = rebootPolicy(loaded.fleet.settings.apply.reboot, options)
  const plan =
    'outside' in started.value
      ? await lookAndPlan(context, started.value, { policy, full: options.full === true }, records)
      : planOffline(prepared, policy)
  const exit = context.stop.aborted ? exitCodes.interrupted : planExit(plan, options)
  if (options.out !== undefined) {
    const failed = await save(context, options.out, plan, prepared)
    if (failed !== null) return records?.result(failed, {}) ?? failed
  }
  await keepFailed(
    context,
    loaded,
    plan.failed.map(({ device }) => device),
  )
  if (records !== null) return writeRecords(records, plan, exit, loaded.fleet.devices)
  context.terminal.outStyled(
    formatPlan(plan, loaded.fleet.devices, {
      diff: options.diff === false ? 'short' : 'full',
      wayOn,
    }),
  )
  return exit
}

function writeRecords(
  records: Records,
  plan: FleetPlan,
  exit: ExitCode,
  devices: readonly Device[],
): ExitCode {
  for (const device of plan.devices) records.write(devicePlanRecord(device))
  for (const { device, failure } of plan.failed) {
    records.write({ type: 'unplanned', device, ...failureRecord(failure) })
  }
  return records.result(exit, planResult(plan, serviceEffect(plan, devices)))
}

async function lookAndPlan(
  context: Context,
  { loaded, prepared, outside }: Started,
  { policy, full }: { readonly policy: PlanPolicy; readonly full: boolean },
  records: Records | null,
): Promise<FleetPlan> {
  const { planFleet, replacedImages } = await import('../app/plan-fleet.ts')
  const emit = showProgress(context.terminal, records, prepared.devices.length)
  const run = { stop: context.stop, abort: context.abort, emit, full }
  const planned = await planFleet(prepared, policy, outside, run)
  context.terminal.progress('')
  await outside.engine.close('keep')
  const { plan } = planned
  const replaces = { imageAsWritten: plan.imageAsWritten, running: replacedImages(planned) }
  const more = await takeBackWarnings(context, loaded, { image: plan.image, replaces })
  const left = await leftInventory(context, loaded)
  return { ...plan, warnings: [...plan.warnings, ...more, ...left] }
}

/** `null`: it is saved. */
async function save(
  context: Context,
  path: string,
  plan: FleetPlan,
  prepared: Prepared,
): Promise<ExitCode | null> {
  const { terminal } = context
  const { savePlan } = await import('../app/saved-plan.ts')
  const failed = await context.writeFile(path, savePlan(plan, prepared, context.newNonce()))
  if (failed === null) {
    terminal.say(`timeball: plan saved; apply it with: timeball apply --plan ${path}`)
    return null
  }
  if (failed.isUsage) return refuse(terminal, [failed.problem])
  terminal.say(formatProblem(failed.problem))
  return exitCodes.failed
}

function planExit(plan: FleetPlan, options: PlanOptions): ExitCode {
  if (plan.failed.length > 0) return exitCodes.devicesFailed
  const hasDifferences = countChanges(plan).devices > 0
  return hasDifferences && options.detailedExitcode === true
    ? exitCodes.differences
    : exitCodes.done
}

/** The fields of the last JSON record that plan and apply share. */
export function planResult(plan: FleetPlan, timeService: string): ResultFields {
  return {
    fleet: plan.fleet,
    image: plan.image,
    counts: { ...countChanges(plan) },
    time_service: timeService,
    warnings: plan.warnings,
    failed: plan.failed.map(({ device }) => device),
  }
}
