/**
 * `timeball backup restore DEVICE`: what only a backup has is put back, and the rest is an apply, with
 * its plan, its safety and the keys of today.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { controllerSubject } from '../../app/backup/back-up-controller.ts'
import { chooseBackup, type Chosen } from '../../app/backup/choose-backup.ts'
import { putBack, whoIsThere, type Occupant } from '../../app/backup/put-back.ts'
import type { OpenedBackup } from '../../app/backup/read-backup.ts'
import { targetOf } from '../../app/link.ts'
import {
  hostNamePath,
  isHostKey,
  planRestore,
  type RestorePlan,
} from '../../core/backup/restore-plan.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { PresentedKey } from '../../ports/host-keys.ts'
import { applyCommand } from '../apply.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { prepareReached, reach, type Reached, type Started } from '../start.ts'
import { movedTo } from './moved-to.ts'
import { sayBackupFailure } from './open-backups.ts'
import { timeText } from './rows.ts'

export interface RestoreOptions extends FleetOptions {
  /** Address, or address:port. */
  readonly to?: string
  /** RFC 3339. */
  readonly at?: number
  readonly dryRun?: boolean
  readonly yes?: boolean
  /** `SHA256:…`, compared by a person. */
  readonly hostKey?: string
  readonly allowReboot?: boolean
  /** Of a controller: a repository, where no fleet.yaml says it. */
  readonly from?: string
  /** Of a controller: only what is remembered. */
  readonly stateOnly?: boolean
}

export async function restoreDevice(
  here: Context,
  name: string,
  options: RestoreOptions,
): Promise<ExitCode> {
  if (name === controllerSubject) {
    const { restoreController } = await import('./restore-controller.ts')
    return await restoreController(here, options)
  }
  const moved = movedTo(here, name, options.to)
  if (!moved.ok) return moved.failure
  const context = moved.value
  const reached = await reach(context, name, options)
  if (!reached.ok) return reached.failure
  const { devices, outside } = reached.value
  try {
    const [device] = devices
    if (device === undefined || devices.length > 1) {
      return refuse(context.terminal, [usageProblem('one device is restored at a time', null)])
    }
    const chosen = await choose(context, reached.value, device, options)
    if (!chosen.ok) return chosen.failure
    const started = await prepareReached(context, reached.value, 'change')
    if (!started.ok) return started.failure
    const resources = started.value.prepared.states.get(device.name)?.resources ?? []
    const plan = planRestore(chosen.value.opened.manifest, resources)
    const restore = { ...chosen.value, started: started.value, device, plan }
    return await carryOut(context, restore, options)
  } finally {
    await outside.engine.close('keep')
  }
}

interface Restore extends Chosen {
  readonly started: Started
  readonly device: Device
  readonly plan: RestorePlan
}

/** The failure was told. */
async function choose(
  context: Context,
  { loaded }: Reached,
  { name: subject }: Device,
  { at }: RestoreOptions,
): Promise<Result<Chosen, ExitCode>> {
  const { terminal } = context
  const store = await context.openBackups(loaded)
  const chosen = await chooseBackup(store, {
    ...{ subject, untilUnixMs: at ?? Number.POSITIVE_INFINITY, wants: isPutBack },
    onPassedOver: (id, why) => terminal.say(`timeball: ${id} is passed over: ${why}`),
  })
  if (!chosen.ok) return fail(sayBackupFailure(context, chosen.failure))
  if (chosen.value !== null) return ok(chosen.value)
  const when = at === undefined ? '' : ` until ${timeText(at)}`
  const what = `there is no good backup of ${subject}${when}`
  const fix = 'timeball backup list; without one, timeball apply makes the device anew'
  return fail(refuse(terminal, [usageProblem(what, fix)]))
}

/** What a plan may put back; what it does is decided by the manifest. */
function isPutBack(path: string): boolean {
  return path.startsWith('var/lib/docker/volumes/') || isHostKey(path) || path === hostNamePath
}

async function carryOut(
  context: Context,
  restore: Restore,
  options: RestoreOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const { device, started, plan, opened } = restore
  for (const line of planLines(context, restore)) terminal.say(line)
  const key = await meet(context, restore, options)
  if (!key.ok) return key.failure
  const check = { ...options, check: true }
  if (options.dryRun === true) return await applyCommand(context, device.name, check)
  const declined = await ask(context, device, options)
  if (declined !== null) return declined
  const files = plan.putBack.flatMap((file) => {
    const content = opened.contents.get(file.path)
    return content === undefined ? [] : [{ file, content }]
  })
  const reach = { outside: started.outside, abort: context.abort }
  const done = await putBack(device, files, reach)
  if (!done.ok) return sayFailure(context, device, done.failure)
  terminal.say(
    `${device.name}: ${files.length === 1 ? '1 file' : `${files.length} files`} put back`,
  )
  const pinned = await pinRestored(context, restore, key.value)
  if (pinned !== null) return pinned
  const exit = await applyCommand(context, device.name, { ...options, yes: true })
  if (exit === exitCodes.done && options.to !== undefined) sayMoved(context, restore, options.to)
  return exit
}

function planLines(context: Context, { device, backup, plan, opened }: Restore): readonly string[] {
  const age = formatSpan(context.nowUnixMs() - backup.takenAtUnixMs)
  const names = plan.putBack.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
  const other = plan.applied.filter(({ wasThen }) => wasThen === 'other').map(({ path }) => path)
  return [
    `${device.name} from backup ${backup.id}, taken ${timeText(backup.takenAtUnixMs)}, ${age} ago`,
    `  put back: ${names.length === 0 ? 'nothing' : names.join(', ')}`,
    `  made anew by apply, as the fleet says today and with the keys of today: ${plan.applied.map(({ path }) => path).join(', ')}`,
    ...(other.length === 0 ? [] : [`  other than they were then: ${other.join(', ')}`]),
    ...opened.manifest.left_out.map(
      ({ what, how_back: back }) => `  not in the backup: ${what}: ${back}`,
    ),
  ]
}

/** The key that counts; `null`: it was not looked at, since it is the pinned one. */
async function meet(
  context: Context,
  restore: Restore,
  options: RestoreOptions,
): Promise<Result<PresentedKey | null, ExitCode>> {
  const { device, started } = restore
  const reach = { outside: started.outside, abort: context.abort }
  const there = await whoIsThere(device, reach)
  if (there.ok) return mayBe(context, restore, there.value) ?? ok(null)
  const { code } = there.failure
  if (code !== 'host-key-changed' && code !== 'host-key-unknown') {
    return fail(sayFailure(context, device, there.failure))
  }
  const keys = context.hostKeys(started.loaded, options)
  const presented = await keys.presented(targetOf(device), context.abort)
  if (!presented.ok) return fail(sayFailure(context, device, presented.failure))
  const { fingerprint, line } = presented.value
  if (options.hostKey !== fingerprint) return fail(sayKey(context, device, fingerprint, options))
  const pinned = await keys.replace(line, [line.split(' ').slice(1).join(' ')])
  if (!pinned.ok) return fail(sayUnpinned(context, pinned.failure))
  const again = await whoIsThere(device, reach)
  if (!again.ok) return fail(sayFailure(context, device, again.failure))
  return mayBe(context, restore, again.value) ?? ok(presented.value)
}

/** `null`: it is the device, or a blank one. */
function mayBe(
  { terminal }: Context,
  { device, opened }: Restore,
  { hostName, generation }: Occupant,
): Result<never, ExitCode> | null {
  const own = nameIn(opened)
  if (generation === 0 || own === null || own === hostName) return null
  const what = `at ${device.address} is ${hostName}, which has generation ${generation} of Timeball`
  const fix = `give ${device.name} its own address: ansible_host, or --to`
  return fail(refuse(terminal, [usageProblem(what, fix)]))
}

function nameIn({ contents }: OpenedBackup): string | null {
  const content = contents.get(hostNamePath)
  return content === undefined ? null : new TextDecoder().decode(content).trim()
}

function sayKey(
  { terminal }: Context,
  device: Device,
  fingerprint: string,
  { hostKey }: RestoreOptions,
): ExitCode {
  const said = hostKey === undefined ? '' : `, not ${hostKey}`
  const message = `${device.name} at ${device.address} presents the host key ${fingerprint}${said}, which is not pinned`
  const hint = `a new system has a new key: compare it on its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add --host-key ${fingerprint}`
  terminal.heard?.errors.push({ code: 'host-key-changed', message, hint, device: device.name })
  terminal.say(`timeball: ${message}`)
  terminal.say(`    ${hint}`)
  return exitCodes.unauthorised
}

/** A device that has its old host keys again is known by them. */
async function pinRestored(
  context: Context,
  { device, opened, started }: Restore,
  presented: PresentedKey | null,
): Promise<ExitCode | null> {
  const publicKeys = [...opened.contents]
    .filter(([path]) => isHostKey(path) && path.endsWith('.pub'))
    .flatMap(([, content]) => keyIn(new TextDecoder().decode(content)))
  if (presented === null || publicKeys.length === 0) return null
  await started.outside.engine.close('end')
  const keys = context.hostKeys(started.loaded, {})
  const pinned = await keys.replace(presented.line, publicKeys)
  if (!pinned.ok) return sayUnpinned(context, pinned.failure)
  context.terminal.say(`${device.name}: has its old host keys again`)
  return null
}

/** `TYPE BASE64` of a public key as ssh-keygen writes it. */
function keyIn(text: string): readonly string[] {
  const key = /^(?<key>[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2})(?: |\n|$)/.exec(text)?.groups?.['key']
  return key === undefined ? [] : [key]
}

function sayUnpinned({ terminal }: Context, why: string): ExitCode {
  terminal.say(`timeball: the host key could not be pinned: ${why}`)
  return exitCodes.failed
}

function sayFailure({ terminal }: Context, { name: device }: Device, failure: Failure): ExitCode {
  terminal.heard?.errors.push({ code: failure.code, message: failure.detail, hint: null, device })
  terminal.say(`timeball: ${device}: ${explain(failure)}`)
  return exitCodes.devicesFailed
}

function sayMoved({ terminal }: Context, { device }: Restore, to: string): void {
  terminal.say(`timeball: the inventory has ${device.name} at another address than ${to}`)
  terminal.say(
    `    set its ansible_host to ${device.address}, then timeball apply: others follow it there`,
  )
}

async function ask(
  { terminal }: Context,
  { name, address }: Device,
  { yes }: RestoreOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const answer = await terminal.confirm(`Restore ${name} to ${address}?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'backup restore needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}
