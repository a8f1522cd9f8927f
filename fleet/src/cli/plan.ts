/** `timeball plan`: what would change, on each device. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { planFleet, planOffline } from '../app/plan-fleet.ts'
import { savePlan } from '../app/saved-plan.ts'
import { countChanges, type FleetPlan } from '../core/plan/fleet-plan.ts'
import { formatPlan, serviceEffect } from '../core/plan/format-plan.ts'
import type { Context, FleetOptions } from './context.ts'
import { refuse } from './problems.ts'
import { showProgress } from './progress.ts'
import { openRecords, type Records } from './records.ts'
import { start, type Started } from './start.ts'

export interface PlanOptions extends FleetOptions {
  readonly offline?: boolean
  readonly out?: string
  readonly diff?: boolean
  readonly detailedExitcode?: boolean
  readonly allowReboot?: boolean
}

export async function planCommand(
  context: Context,
  targets: string | undefined,
  options: PlanOptions,
): Promise<ExitCode> {
  const mode = options.offline === true ? 'offline' : 'change'
  const started = await start(context, targets, options, mode)
  if (!started.ok) return started.failure
  const records = openRecords(context, options.json)
  const plan = await makePlan(context, started.value, options, records)
  const { fleet } = started.value.loaded
  const exit = context.stop.aborted ? exitCodes.interrupted : planExit(plan, options)
  if (options.out !== undefined) {
    const { prepared, outside } = started.value
    const problem = await context.writeText(options.out, savePlan(plan, prepared, outside))
    if (problem !== null) return refuse(context.terminal, [problem])
    context.terminal.say(
      `timeball: plan saved; apply it with: timeball apply --plan ${options.out}`,
    )
  }
  if (records !== null) {
    for (const device of plan.devices) records.write({ type: 'plan', ...device })
    for (const { device, failure } of plan.failed)
      records.write({ type: 'unplanned', device, ...failure })
    return records.result(exit, planResult(plan, serviceEffect(plan, fleet.devices)))
  }
  context.terminal.outStyled(
    formatPlan(plan, fleet.devices, { diff: options.diff === false ? 'short' : 'full' }),
  )
  return exit
}

async function makePlan(
  context: Context,
  { prepared, outside }: Started,
  options: PlanOptions,
  records: Records | null,
): Promise<FleetPlan> {
  const policy = rebootPolicy(prepared.fleet.settings.apply.reboot, options)
  if (options.offline === true) return planOffline(prepared, policy)
  const emit = showProgress(context.terminal, records, prepared.devices.length)
  const run = { stop: context.stop, abort: context.abort, emit }
  const { plan } = await planFleet(prepared, policy, outside, run)
  context.terminal.progress('')
  await outside.engine.close('keep')
  return plan
}

export function rebootPolicy(
  setting: 'never' | 'allow',
  options: { readonly allowReboot?: boolean },
): { readonly reboot: 'never' | 'allow' } {
  return { reboot: options.allowReboot === true ? 'allow' : setting }
}

function planExit(plan: FleetPlan, options: PlanOptions): ExitCode {
  if (plan.failed.length > 0) return exitCodes.devicesFailed
  const hasDifferences = countChanges(plan).devices > 0
  return hasDifferences && options.detailedExitcode === true
    ? exitCodes.differences
    : exitCodes.done
}

/** The fields of the last JSON record that plan and apply share. */
export function planResult(
  plan: FleetPlan,
  timeService: string,
): Readonly<Record<string, unknown>> {
  return {
    fleet: plan.fleet,
    image: plan.image,
    counts: countChanges(plan),
    time_service: timeService,
    warnings: plan.warnings,
    failed: plan.failed.map(({ device }) => device),
  }
}
