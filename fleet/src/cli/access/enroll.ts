/**
 * `timeball enroll`: the host key of each device is shown, compared by a human and pinned, and then
 * every layer up to Docker is tried. Nothing unattended pins a key that nobody named.
 */
import { wayOn } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { pingRecord } from '../../api/records/ask-records.ts'
import type { EnrolledRecord } from '../../api/records/enrolled-record.ts'
import { identityOf, refusalOf, type PresentedKey } from '../../core/access/host-identity.ts'
import { lookupName, withoutName } from '../../core/access/known-hosts.ts'
import { formatPing, judgePing, pingScript, type Pinged } from '../../core/ask/ping.ts'
import type { Device } from '../../core/device/device.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { Context, FleetOptions } from '../context.ts'
import { askFleet } from '../ask/ask-fleet.ts'
import { keepFailed } from '../keep-failed.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords, type Records } from '../records.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { reach, type Reached } from '../start.ts'
import { readKnownHosts, writeKnownHosts } from './known-hosts-file.ts'

export interface EnrollOptions extends FleetOptions {
  /** As they are read on the devices. */
  readonly fingerprint?: readonly string[]
  readonly replace?: boolean
}

export async function enrollCommand(
  context: Context,
  targets: readonly string[],
  options: EnrollOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets.join(':'), options)
  if (!reached.ok) return reached.failure
  const asOperator = await operatorOf(context, reached.value, options)
  try {
    return await enroll(context, { asOperator, asAccount: reached.value }, options)
  } finally {
    await reached.value.outside.engine.close('keep')
    await asOperator.outside.engine.close('keep')
  }
}

/** Two ways to the same devices; they are one where the fleet has no account of its own there. */
interface BothWays {
  readonly asOperator: Reached
  readonly asAccount: Reached
}

/** The inventory's own login, which becomes root. */
async function operatorOf(
  context: Context,
  reached: Reached,
  options: EnrollOptions,
): Promise<Reached> {
  const { loaded } = reached
  const { account, ...ssh } = loaded.fleet.settings.ssh
  if (account === undefined) return reached
  const settings = { ...loaded.fleet.settings, ssh }
  const outside = await context.openOutside(
    { ...loaded, fleet: { ...loaded.fleet, settings } },
    options,
  )
  return { ...reached, outside }
}

async function enroll(context: Context, ways: BothWays, options: EnrollOptions): Promise<ExitCode> {
  const { loaded } = ways.asOperator
  const seen = await lookAtAll(context, ways.asOperator)
  const known = await readKnownHosts(context, loaded)
  const judged = judgeAll(seen, { loaded, known, options })
  const records = await openRecords(context, options.json)
  if (records === null) showJudged(context, judged)
  for (const { record } of judged) records?.write(record)
  const refusal = await pinFresh(context, judged, { loaded, known, options })
  const end = (exit: ExitCode, fields: { readonly failed?: readonly string[] } = {}): ExitCode =>
    records?.result(exit, fields) ?? exit
  if (refusal !== null) return end(refusal)
  const pinged = await tryLayers(context, ways.asOperator, { judged, records })
  const accounts = await makeAccounts(context, ways, { pinged, records })
  if (accounts.problem !== null) return end(refuse(context.terminal, [accounts.problem]))
  const failed = failedOf(ways.asOperator.devices, pinged, accounts)
  await keepFailed(context, loaded, failed)
  return end(failed.length > 0 ? exitCodes.devicesFailed : exitCodes.done, { failed })
}

function failedOf(
  devices: readonly Device[],
  pinged: readonly Pinged[],
  accounts: Accounts,
): readonly string[] {
  const well = new Set(pinged.flatMap(({ isWell, device }) => (isWell ? [device] : [])))
  const names = devices.map(({ name }) => name)
  return names.filter((name) => !well.has(name) || accounts.names.includes(name))
}

/** `null`: those that are new were compared, and are pinned. */
async function pinFresh(
  context: Context,
  judged: readonly Judged[],
  { loaded, known, options }: Judging,
): Promise<ExitCode | null> {
  const { terminal } = context
  const fresh = judged.filter(({ record }) => record.status === 'new')
  if (fresh.length === 0) return null
  const refusal = await compare(context, fresh, options)
  if (refusal !== null) return refusal
  const pinned = fresh.reduce(
    (text, { presented }) =>
      presented === null ? text : `${withoutName(text, presented.lookup)}${presented.line}\n`,
    ended(known),
  )
  const problem = await writeKnownHosts(context, loaded, pinned)
  if (problem !== null) return refuse(terminal, [problem])
  terminal.say(`timeball: ${fresh.length} host ${fresh.length === 1 ? 'key' : 'keys'} pinned`)
  return null
}

/** How far one gets with each device that was not refused. */
async function tryLayers(
  context: Context,
  reached: Reached,
  { judged, records }: { readonly judged: readonly Judged[]; readonly records: Records | null },
): Promise<readonly Pinged[]> {
  const { devices } = reached
  const bad = new Set(
    judged.flatMap(({ record }) => (record.status === 'refused' ? [record.device] : [])),
  )
  const good = devices.filter(({ name }) => !bad.has(name))
  const pinged = await ping(context, { ...reached, devices: good })
  if (records === null) for (const line of formatPing(pinged)) context.terminal.out(line)
  for (const each of pinged) records?.write(pingRecord(each))
  return pinged
}

interface Accounts {
  /** Devices on which it could not be made, or is not let in. */
  readonly names: readonly string[]
  readonly problem: Problem | null
}

/** On devices where we are root; Docker is no part of that. */
async function makeAccounts(
  context: Context,
  ways: BothWays,
  { pinged, records }: { readonly pinged: readonly Pinged[]; readonly records: Records | null },
): Promise<Accounts> {
  const { account } = ways.asAccount.loaded.fleet.settings.ssh
  const rooted = new Set(
    pinged.flatMap((each) => (each.isWell || each.layer === 'docker' ? [each.device] : [])),
  )
  const devices = ways.asOperator.devices.filter(({ name }) => rooted.has(name))
  if (account === undefined || devices.length === 0) return { names: [], problem: null }
  const kit = await context.openAccount(account.private_key_file)
  if (!kit.ok) return { names: [], problem: usageProblem(kit.failure, 'see ssh.account') }
  if (kit.value.isNew) context.terminal.say(`timeball: made the key ${account.private_key_file}`)
  const { installAccounts, formatAccounts } = await import('./install-account.ts')
  const made = await installAccounts(context, devices, { account, kit: kit.value, ...ways })
  if (records === null) for (const line of formatAccounts(made)) context.terminal.out(line)
  for (const each of made) records?.write(each)
  return {
    names: made.flatMap(({ status, device }) => (status === 'failed' ? [device] : [])),
    problem: null,
  }
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

interface Seen {
  readonly device: Device
  readonly presented: (PresentedKey & { readonly line: string }) | null
  /** Why it presented none. */
  readonly failure: string | null
}

async function lookAtAll(context: Context, { loaded, devices }: Reached): Promise<readonly Seen[]> {
  context.terminal.progress(`asking ${devices.length} devices for their host keys`)
  const seen = await Promise.all(
    devices.map(async (device): Promise<Seen> => {
      const found = await context.presentedHostKey(loaded, device)
      if (!found.ok) return { device, presented: null, failure: found.failure.detail }
      const { line, fingerprint } = found.value
      const [lookup = '', ...key] = line.split(' ')
      const presented = { device: device.name, lookup, key: key.join(' '), fingerprint, line }
      return { device, presented, failure: null }
    }),
  )
  context.terminal.progress('')
  return seen
}

interface Judged {
  readonly presented: Seen['presented']
  readonly fix: string | null
  readonly record: EnrolledRecord
}

interface Judging {
  readonly loaded: Reached['loaded']
  readonly known: string
  readonly options: EnrollOptions
}

function judgeAll(seen: readonly Seen[], { loaded, known, options }: Judging): readonly Judged[] {
  const all = seen.flatMap(({ presented }) => (presented === null ? [] : [presented]))
  const lookups = new Map(
    loaded.fleet.devices.map(({ name, address, sshPort }) => [name, lookupName(address, sshPort)]),
  )
  for (const { device, lookup } of all) lookups.set(device, lookup)
  return seen.map(({ device: { name, address }, presented, failure }): Judged => {
    const record = { type: 'enrolled', device: name, address } as const
    if (presented === null) {
      const message = failure ?? 'presents no host key'
      return {
        presented,
        fix: null,
        record: { ...record, fingerprint: null, status: 'refused', message },
      }
    }
    const { fingerprint } = presented
    const identity = identityOf(presented, all, { text: known, lookups })
    const isReplaced = identity.kind === 'changed' && options.replace === true
    const refusal = isReplaced ? null : refusalOf(name, identity)
    const status = refusal !== null ? 'refused' : identity.kind === 'pinned' ? 'pinned' : 'new'
    const message = refusal?.what ?? null
    return {
      presented,
      fix: refusal?.fix ?? null,
      record: { ...record, fingerprint, status, message },
    }
  })
}

function showJudged({ terminal }: Context, judged: readonly Judged[]): void {
  const columns: readonly Column<EnrolledRecord>[] = [
    column('DEVICE', ({ device }) => device),
    column('ADDRESS', ({ address }) => address),
    column('HOST KEY', ({ fingerprint }) => fingerprint ?? '-'),
    column('STATE', ({ status }) => status),
  ]
  const rows = judged.map(({ record }) => record)
  for (const line of formatTable(rows, columns, terminal)) terminal.out(line)
  const told = new Set<string>()
  for (const { fix, record } of judged) {
    if (record.message === null) continue
    const text = fix === null ? `${record.device}: ${record.message}` : record.message
    if (told.has(text)) continue
    told.add(text)
    terminal.say(`timeball: ${text}`)
    if (fix !== null) terminal.say(`    ${fix}`)
  }
}

function column(title: string, cell: (row: EnrolledRecord) => string): Column<EnrolledRecord> {
  return { title, align: 'left', shrink: false, cell }
}

/** `null`: somebody has compared them. */
async function compare(
  { terminal }: Context,
  fresh: readonly Judged[],
  { fingerprint: named }: EnrollOptions,
): Promise<ExitCode | null> {
  if (named !== undefined) {
    const strange = fresh.filter(({ record }) => !named.includes(record.fingerprint ?? ''))
    if (strange.length === 0) return null
    const [first] = strange
    const what = `the host key of ${first?.record.device} is none of those that were named`
    return refuse(terminal, [usageProblem(what, 'compare it with the device itself')])
  }
  terminal.say(
    'timeball: compare them on the devices: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  )
  const answer = await terminal.confirm('Are these their fingerprints?')
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'a host key that nobody has compared is not pinned'
  return refuse(terminal, [usageProblem(what, 'name those of the devices: --fingerprint SHA256:…')])
}

async function ping(context: Context, reached: Reached): Promise<readonly Pinged[]> {
  const { devices } = reached
  if (devices.length === 0) return []
  const question = { script: pingScript, as: 'root', seconds: 15, mostBytes: 4096 } as const
  const answers = await askFleet(context, reached, question, null)
  return answers.flatMap((answer) => {
    const device = devices.find(({ name }) => name === answer.device)
    return device === undefined
      ? []
      : [judgePing(device, answer, { advice: wayOn, byAccount: false })]
  })
}
