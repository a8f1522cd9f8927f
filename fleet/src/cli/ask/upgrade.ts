/** `timeball upgrade`: the packages of the system, planned first, then one device after another. */
import { failureRecord } from '../../api/records/make-records.ts'
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { upgradePlanRecord } from '../../api/records/upgrade-records.ts'
import { rebootDevice } from '../../app/operate/acts.ts'
import { freezeWatch, upgradePackages } from '../../app/operate/upgrade-device.ts'
import type { Answered } from '../../core/ask/answer.ts'
import { namesOf } from '../../core/ask/fold.ts'
import {
  needsReboot,
  readUpgradePlan,
  type DeviceUpgrade,
} from '../../core/ask/upgrade/read-upgrade.ts'
import { upgradePlanScript } from '../../core/ask/upgrade/upgrade-script.ts'
import { upgradeLines } from '../../core/ask/upgrade/upgrade-view.ts'
import type { Failure } from '../../core/failure.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context } from '../context.ts'
import { keepFailed } from '../keep-failed.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords, type Records } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { reach, type Reached } from '../start.ts'
import { askFleet } from './ask-fleet.ts'
import { askBefore, takeAll, type TurnAction, type TurnsOptions } from './take-all.ts'

export interface UpgradeOptions extends TurnsOptions {
  readonly security?: boolean
  /** `NAME` or `NAME=VERSION`. */
  readonly package?: readonly string[]
  readonly dryRun?: boolean
  /** `--no-reboot`: devices that need a boot are named, and not rebooted. */
  readonly reboot: boolean
  readonly overrideFreeze?: string
}

export async function upgradeCommand(
  context: Context,
  targets: string | undefined,
  options: UpgradeOptions,
): Promise<ExitCode> {
  const problem = problemOf(options)
  if (problem !== null) return refuse(context.terminal, [problem])
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const records = await openRecords(context, options.json)
  const planned = await planUpgrades(context, reached.value, options)
  show(context, planned, { records, reboots: options.reboot })
  const exit = await goOn(context, reached.value, planned, { options, records })
  await reached.value.outside.engine.close('keep')
  return exit
}

function problemOf({
  security,
  package: packages = [],
}: UpgradeOptions): ReturnType<typeof usageProblem> | null {
  if (security === true && packages.length > 0) {
    return usageProblem('--security and --package cannot be given together', 'leave one out')
  }
  const wrong = packages.find(
    (word) => !/^[a-z0-9][a-z0-9+.:-]*(?:=[A-Za-z0-9.+:~-]+)?$/.test(word),
  )
  return wrong === undefined
    ? null
    : usageProblem(`${wrong} is no package`, 'write NAME or NAME=VERSION')
}

interface Planned {
  readonly upgrades: ReadonlyMap<string, DeviceUpgrade>
  readonly failed: ReadonlyMap<string, Failure>
}

async function planUpgrades(
  context: Context,
  reached: Reached,
  { security, package: packages = [], dryRun }: UpgradeOptions,
): Promise<Planned> {
  const remember = dryRun !== true && security !== true && packages.length === 0
  const script = upgradePlanScript({ security: security === true, packages, remember })
  const question = { script, as: 'root', seconds: 600, mostBytes: 2 * 1024 * 1024 } as const
  const answers = await askFleet(context, reached, question, null)
  const upgrades = new Map<string, DeviceUpgrade>()
  const failed = new Map<string, Failure>()
  for (const { device, result } of answers) {
    const read = readPlan(result)
    if (read.ok) upgrades.set(device, read.value)
    else failed.set(device, read.failure)
  }
  await keepFailed(context, reached.loaded, [...failed.keys()])
  return { upgrades, failed }
}

function readPlan(result: Answered['result']): Result<DeviceUpgrade, Failure> {
  if (!result.ok) return result
  if (result.value.isInTime) return readUpgradePlan(result.value.output)
  return fail({ code: 'timeout', detail: 'apt took longer than ten minutes to plan' })
}

interface Showing {
  readonly records: Records | null
  readonly reboots: boolean
}

function show(
  { terminal }: Context,
  { upgrades, failed }: Planned,
  { records, reboots }: Showing,
): void {
  for (const [device, upgrade] of upgrades) {
    records?.write(upgradePlanRecord(device, upgrade, reboots && needsReboot(upgrade)))
  }
  if (records === null) {
    const named = [...upgrades].map(([device, upgrade]) => ({ device, upgrade }))
    for (const line of upgradeLines(named, { ...terminal, reboots })) terminal.out(line)
  }
  for (const [device, failure] of failed) {
    terminal.heard?.errors.push({ device, ...failureRecord(failure) })
  }
  for (const [why, alike] of Map.groupBy(failed, ([, failure]) => explain(failure))) {
    terminal.say(`timeball: ${namesOf(alike.map(([device]) => device))}: ${why}`)
  }
}

interface GoingOn {
  readonly options: UpgradeOptions
  readonly records: Records | null
}

async function goOn(
  context: Context,
  reached: Reached,
  planned: Planned,
  { options, records }: GoingOn,
): Promise<ExitCode> {
  const failedBefore = [...planned.failed.keys()]
  const end = (exit: ExitCode): ExitCode => records?.result(exit, { failed: failedBefore }) ?? exit
  if (context.stop.aborted) return end(exitCodes.interrupted)
  const devices = reached.devices.filter(({ name }) =>
    isWanted(planned.upgrades.get(name), options),
  )
  if (options.dryRun === true || devices.length === 0) {
    return end(failedBefore.length > 0 ? exitCodes.devicesFailed : exitCodes.done)
  }
  const whyStop = await freezeWatch(reached.loaded.fleet, reached.outside, {
    nowUnixMs: () => context.nowUnixMs(),
    override: options.overrideFreeze ?? null,
  })
  const why = whyStop()
  if (why !== null) return end(sayRefusal(context.terminal, { kind: 'frozen', why }))
  const action = actionOf(planned, options, whyStop)
  const chosen = { ...reached, devices }
  const refusal = await askBefore(context, action, chosen, options)
  if (refusal !== null) return end(refusal)
  return await takeAll(context, action, chosen, { records, options, failedBefore })
}

function isWanted(upgrade: DeviceUpgrade | undefined, { reboot }: UpgradeOptions): boolean {
  if (upgrade === undefined) return false
  return upgrade.steps.length > 0 || (reboot && upgrade.rebootRequired)
}

const nothingDone = { rebootRequired: true }

function actionOf(
  { upgrades }: Planned,
  { reboot }: UpgradeOptions,
  whyStop: () => string | null,
): TurnAction {
  const rebooted = new Set<string>()
  const needing = new Set<string>()
  return {
    ...{ name: 'upgrade', wish: 'Upgrade', doing: 'upgrading', whyStop },
    did(device) {
      if (rebooted.has(device)) return 'upgraded and rebooted'
      return needing.has(device) ? 'upgraded, needs a reboot' : 'upgraded'
    },
    async act(device, way, authority) {
      const upgrade = upgrades.get(device.name)
      if (upgrade === undefined)
        return { code: 'step-failed', detail: 'nothing was planned for it' }
      const { steps } = upgrade
      const done = steps.length === 0 ? ok(nothingDone) : await upgradePackages(device, steps, way)
      if (!done.ok) return done.failure
      if (!done.value.rebootRequired && !needsReboot(upgrade)) return null
      if (!reboot) {
        needing.add(device.name)
        return null
      }
      rebooted.add(device.name)
      return await rebootDevice(device, way, authority)
    },
  }
}
