/**
 * `timeball keys revoke`: for a device that somebody else may have. First nothing goes there any
 * more, then its host key and its keys are taken out of use, and last what else it knew is told.
 */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { keysAtRisk, revokeKeys, type KeysAtRisk } from '../../app/keys/revoke-keys.ts'
import { whyUnfinished } from '../../app/operate/may-change.ts'
import { namesOf } from '../../core/ask/fold.ts'
import type { Device } from '../../core/device/device.ts'
import { formatRevoked, revokedFile, type Revoked } from '../../core/device/revoked.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { withFleet } from '../fleet-claim.ts'
import { refuse, usageProblem } from '../problems.ts'
import { showProgress } from '../progress.ts'
import { openRecords, type Records } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import { reach, type Reached } from '../start.ts'
import { deliveryOf, hiding, lookFirst, type Looked } from './look-first.ts'
import { revokeHostKeys } from './revoke-host-keys.ts'
import { tellRotation } from './tell-rotation.ts'

export interface RevokeOptions extends FleetOptions {
  readonly undo?: boolean
  readonly yes?: boolean
}

export async function revokeCommand(
  context: Context,
  name: string,
  options: RevokeOptions,
): Promise<ExitCode> {
  const reached = await reach(context, undefined, options)
  if (!reached.ok) return reached.failure
  try {
    return options.undo === true
      ? await undo(context, reached.value.loaded, name)
      : await revoke(context, reached.value, name, options)
  } finally {
    await reached.value.outside.engine.close('keep')
  }
}

async function revoke(
  context: Context,
  reached: Reached,
  name: string,
  options: RevokeOptions,
): Promise<ExitCode> {
  const { loaded, outside } = reached
  const device = loaded.fleet.devices.find((each) => each.name === name) ?? null
  const isFlagged = loaded.fleet.revoked.some((each) => each.name === name)
  if (device === null && !isFlagged) return refuseName(context, loaded, name)
  const risk = await keysAtRisk(outside.secrets, name, loaded.fleet.devices)
  const refusal = await ask(context, name, risk.ok ? risk.value.sharers : [], options)
  if (refusal !== null) return refusal
  const flagged = device === null || (await flag(context, loaded, device))
  if (flagged !== true) return flagged
  if (!risk.ok) return refuseSecret(context, outside.secrets, risk.failure)
  const records = await openRecords(context, options.json)
  const exit = await withdraw(context, reached, { name, risk: risk.value, records })
  if (records === null) tellRest(context, loaded, name)
  return exit
}

function refuseName(context: Context, { fleet }: LoadedFleet, name: string): ExitCode {
  const names = fleet.devices.map((each) => each.name)
  const near = nearest(name, names)
  const fix = near === null ? null : `did you mean ${near}?`
  return refuse(context.terminal, [usageProblem(`there is no device ${name}`, fix)])
}

/** `null`: go on. */
async function ask(
  { terminal }: Context,
  name: string,
  sharers: readonly string[],
  { yes }: RevokeOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const shared =
    sharers.length === 0
      ? ''
      : ` Clients of ${namesOf(sharers)} are refused until they have the new keys.`
  const answer = await terminal.confirm(`Revoke ${name}, now?${shared}`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'keys revoke needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}

/** From now on nothing goes there, and its host key opens no connection. */
async function flag(
  context: Context,
  loaded: LoadedFleet,
  device: Device,
): Promise<true | ExitCode> {
  const { terminal } = context
  const { name } = device
  const revoked = [...loaded.fleet.revoked, { name, atUnixMs: context.nowUnixMs() }]
  const refusal = await writeRevoked(context, loaded, revoked)
  if (refusal !== null) return refusal
  terminal.say(`timeball: ${name} is in ${revokedFile}: nothing goes there any more`)
  const refused = await revokeHostKeys(context, loaded, device)
  if (!refused.ok) return refuse(terminal, [refused.failure])
  if (refused.value > 0) terminal.say(`timeball: its host key is refused, under every name`)
  return true
}

function fileOf({ settingsFile }: LoadedFleet): string {
  return settingsFile.replace(/[^/]*$/, revokedFile)
}

async function writeRevoked(
  context: Context,
  loaded: LoadedFleet,
  revoked: readonly Revoked[],
): Promise<ExitCode | null> {
  const failure = await context.writeFile(fileOf(loaded), formatRevoked(revoked))
  if (failure === null) return null
  refuse(context.terminal, [failure.problem])
  return exitCodes.failed
}

interface Withdrawal {
  readonly name: string
  readonly risk: KeysAtRisk
  readonly records: Records | null
}

async function withdraw(
  context: Context,
  reached: Reached,
  { name, risk, records }: Withdrawal,
): Promise<ExitCode> {
  const end = (exit: ExitCode): ExitCode => records?.result(exit, {}) ?? exit
  const { loaded, outside } = reached
  const hide = hiding(context)
  const devices = loaded.fleet.devices.filter((each) => each.name !== name)
  const looked = await lookAtSharers(context, { ...reached, devices }, { risk, hide })
  if (!looked.ok) return end(looked.failure)
  const { epochFloor } = looked.value
  const wish = { operation: 'keys revoke', epochFloor, change: null }
  const emit = showProgress(context.terminal, records, devices.length)
  const claimed = await withFleet(context, loaded, wish, async (claim) => {
    const unfinished = await whyUnfinished(claim.store)
    if (unfinished !== null) return fail(sayRefusal(context.terminal, unfinished))
    const delivery = deliveryOf(context, reached, claim, { hide, emit })
    const revoked = await revokeKeys({ ...delivery, devices, lost: name, overlapMs: 0 })
    return revoked.ok ? revoked : fail(refuseSecret(context, outside.secrets, revoked.failure))
  })
  const done = claimed.ok ? claimed.value : claimed
  if (!done.ok) return end(done.failure)
  const withKeys = done.value.length > 0 || records !== null
  if (!withKeys) return exitCodes.done
  return await tellRotation(context, loaded, done.value, records)
}

/** Who shares no key is not asked. */
async function lookAtSharers(
  context: Context,
  reached: Reached,
  { risk, hide }: { readonly risk: KeysAtRisk; readonly hide: ReturnType<typeof hiding> },
): Promise<Result<Looked, ExitCode>> {
  const { secrets } = reached.outside
  const devices = reached.devices.filter(({ name }) => risk.sharers.includes(name))
  if (devices.length > 0) return await lookFirst(context, { ...reached, devices }, hide)
  const writable = await secrets.write([])
  if (!writable.ok) return fail(refuseSecret(context, secrets, writable.failure))
  return ok({ epochFloor: 0, others: [] })
}

/** What no command can take away from whoever has the device. */
function tellRest({ terminal }: Context, { fleet }: LoadedFleet, name: string): void {
  const ntpKey = fleet.settings.clock.key === undefined ? [] : ['  the NTP key of clock.key']
  const lines = [
    `timeball: what else ${name} knew, and has to be changed where it is used elsewhere:`,
    ...ntpKey,
    '  passwords of its accounts, Wi-Fi, and whatever was put on it by hand',
    `timeball: give clients their new keys: timeball keys export --out FILE`,
    `timeball: take ${name} from the inventory, and commit ${revokedFile}`,
  ]
  for (const line of lines) terminal.say(line)
}

async function undo(context: Context, loaded: LoadedFleet, name: string): Promise<ExitCode> {
  const left = loaded.fleet.revoked.filter((each) => each.name !== name)
  if (left.length === loaded.fleet.revoked.length) {
    return refuse(context.terminal, [usageProblem(`${name} was not revoked`, null)])
  }
  const refusal = await writeRevoked(context, loaded, left)
  if (refusal !== null) return refusal
  const { terminal } = context
  terminal.say(`timeball: ${name} is a device again; its old host key stays refused`)
  terminal.say(`    give it a key: timeball secrets set ${name}/API_KEY_1 --generate`)
  return exitCodes.done
}
