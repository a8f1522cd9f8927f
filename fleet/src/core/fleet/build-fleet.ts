/** Inventory and settings -> Fleet. */
import { connectionOf, type Connection } from '@timeball/inventory/connection/connection.ts'
import { groupNames, type Inventory } from '@timeball/inventory/inventory.ts'
import { noOptions, resolveVars, type ResolveOptions } from '@timeball/inventory/resolve-vars.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Device, Role } from '../device/device.ts'
import type { Revoked } from '../device/revoked.ts'
import type { Settings } from '../settings/settings.ts'
import { judgedByValue } from './ansible-variables.ts'
import { variableChecker } from './check-variables.ts'
import { resolveQuorum, type Place } from './check-quorum.ts'
import { chooseDevices } from './choose-devices.ts'
import { deviceNameMistake } from '../device/device-name.ts'
import { deviceProblems, type DeviceProblems } from './device-problems.ts'
import type { Fleet, LocalProgram, SshConfigUse, Warning } from './fleet.ts'
import { ownNames } from './own-variables.ts'
import { readDevice, type Neighbours } from './read-device.ts'
import { notToldApart } from './told-apart.ts'
import { variableReader } from './variables.ts'
import { deviceWarnings, inventoryWarnings, noteText } from './warnings.ts'
import { setsWithout, withoutRevoked } from './without-revoked.ts'

/** All that an inventory and settings come to, before it is decided whether that will do. */
export interface FleetDraft {
  readonly fleet: Fleet
  readonly problems: readonly Problem[]
  /** By device and variable: templates that only Ansible can evaluate, and why. */
  readonly unsupported: ReadonlyMap<string, ReadonlyMap<string, Problem>>
  readonly programs: readonly LocalProgram[]
  readonly sshConfigs: readonly SshConfigUse[]
  /**
   * By host: what is wrong with those that may be no time servers at all, because they are in no
   * group of a role and nobody said which hosts are devices.
   */
  readonly strangers: ReadonlyMap<string, readonly Problem[]>
}

const nowhere: Place = () => ({ file: 'fleet.yaml', line: null, column: null })

/** All problems of all devices at once. `place`: of a setting. */
export function buildFleet(
  settings: Settings,
  inventory: Inventory,
  place: Place = nowhere,
): Result<Fleet, readonly Problem[]> {
  const draft = draftFleet(settings, inventory, { options: noOptions, place })
  const problems = draftProblems(draft)
  return problems.length > 0 ? fail(problems) : ok(draft.fleet)
}

/** The problems of a draft, those of templates among them that nobody else evaluates. */
export function draftProblems({ problems, unsupported }: FleetDraft): Problem[] {
  const waiting = deviceProblems()
  for (const [device, variables] of unsupported) {
    for (const problem of variables.values()) waiting.add(device, problem)
  }
  return [...problems, ...waiting.list()]
}

interface Draft {
  readonly inventory: Inventory
  readonly settings: Settings
  readonly options: ResolveOptions
  readonly problems: DeviceProblems
  readonly unsupported: Map<string, ReadonlyMap<string, Problem>>
  readonly warnings: Warning[]
  readonly programs: LocalProgram[]
  readonly sshConfigs: SshConfigUse[]
}

export interface DraftOptions {
  readonly options: ResolveOptions
  /** Hosts that are not judged. */
  readonly leftOut?: ReadonlySet<string>
  readonly revoked?: readonly Revoked[]
  /** Of a setting. */
  readonly place: Place
}

export function draftFleet(
  settings: Settings,
  inventory: Inventory,
  { options, place, leftOut = new Set(), revoked = [] }: DraftOptions,
): FleetDraft {
  const problems = deviceProblems()
  const draft: Draft = {
    inventory,
    settings,
    options,
    problems,
    unsupported: new Map(),
    warnings: [],
    programs: [],
    sshConfigs: [],
  }
  const chosen = chooseDevices(inventory, settings.devices)
  const names = (chosen.ok ? chosen.value : []).filter((name) => !leftOut.has(name))
  const entries = names.map((name) => readEntry(draft, name))
  const neighbours: Neighbours = {
    addresses: new Map(entries.map(({ name, address }) => [name, address])),
    stratum1: entries.filter(({ role }) => role === 'stratum1').map(({ address }) => address),
  }
  const all = readDevices(draft, entries, neighbours)
  const rollout = resolveQuorum(settings.rollout, inventory, all, place)
  const { devices, warnings: ofRevoked } = withoutRevoked(all, revoked)
  const warnings = [
    ...inventoryWarnings(inventory, settings.engine),
    ...ofRevoked,
    ...draft.warnings,
    ...devices.flatMap(deviceWarnings),
  ]
  const resolved = rollout.ok
    ? { ...settings, rollout: setsWithout(rollout.value, revoked) }
    : settings
  const ofPattern = chosen.ok
    ? []
    : chosen.failure.map((each) => ({ ...each, ...place(['devices']) }))
  return {
    ...draft,
    strangers: strangersIn(draft, entries),
    fleet: { name: settings.fleet, settings: resolved, devices, revoked, warnings },
    problems: [
      ...ofPattern,
      ...problems.list(),
      ...notToldApart(devices, inventory),
      ...(rollout.ok || !chosen.ok ? [] : rollout.failure),
    ],
  }
}

function strangersIn(
  { settings, problems, unsupported }: Draft,
  entries: readonly Entry[],
): ReadonlyMap<string, readonly Problem[]> {
  const [strangers, members] = [false, true].map((wanted) =>
    entries.filter(({ groups }) => roleGroups.some((name) => groups.includes(name)) === wanted),
  )
  if (settings.devices !== undefined || members?.length === 0) return new Map()
  const faulty = (strangers ?? []).map(({ name }): [string, Problem[]] => [
    name,
    [...problems.of(name), ...(unsupported.get(name)?.values() ?? [])],
  ])
  return new Map(faulty.filter(([, found]) => found.length > 0))
}

type Entry = Pick<
  Device,
  'name' | 'groups' | 'role' | 'address' | 'sshPort' | 'user' | 'privateKeyFile' | 'commonArgs'
>

function readEntry(draft: Draft, name: string): Entry {
  const { inventory, problems, settings } = draft
  const groups = groupNames(inventory, name)
  const mistake = deviceNameMistake(name)
  const at = inventory.hosts.get(name)?.at
  if (mistake !== null && at !== undefined) {
    problems.add(name, { ...at, what: `the name of a device ${mistake}`, fix: 'Rename the host' })
  }
  const read = connectionOf(inventory, name, draft.options)
  for (const problem of read.problems) problems.add(name, problem)
  addUnsupported(draft, name, read.unsupported)
  addLocal(draft, name, read.connection)
  const { connection } = read
  return {
    name,
    groups,
    role: roleOf(groups),
    address: connection.address,
    sshPort: connection.port ?? 22,
    // The guide's devices log in as `pi`.
    user: connection.user ?? 'pi',
    privateKeyFile: connection.privateKeyFile ?? settings.ssh.private_key_file ?? null,
    commonArgs: connection.sshArguments,
  }
}

/** A host in none of them has the role stratum 2 all the same. */
export const roleGroups = ['stratum1', 'stratum2']

function roleOf(groups: readonly string[]): Role {
  return groups.includes('stratum1') ? 'stratum1' : 'stratum2'
}

function addUnsupported(
  { unsupported }: Draft,
  device: string,
  found: ReadonlyMap<string, Problem>,
): void {
  if (found.size > 0) {
    unsupported.set(device, new Map([...(unsupported.get(device) ?? []), ...found]))
  }
}

function addLocal(draft: Draft, device: string, connection: Connection): void {
  for (const { text, at } of connection.programs) {
    draft.programs.push({ device, what: `ssh runs ${text}`, at })
  }
  for (const { text, at } of connection.configFiles) {
    draft.sshConfigs.push({ device, path: text, at })
  }
  // Of Ansible they have the effect that they have there.
  if (draft.settings.engine === 'ansible') return
  for (const { text, at } of connection.dropped) {
    const what = `${text} has no effect: keys of hosts are checked, and nothing is forwarded`
    draft.warnings.push({ device, text: noteText({ ...at, what, fix: null }) })
  }
}

function readDevices(draft: Draft, entries: readonly Entry[], neighbours: Neighbours): Device[] {
  const { inventory, problems, options } = draft
  const check = variableChecker(inventory, draft.settings.engine)
  return entries.map((entry): Device => {
    const resolved = resolveVars(inventory, entry.name, [...ownNames, ...judgedByValue], options)
    const report = (problem: Problem): void => problems.add(entry.name, problem)
    for (const problem of resolved.problems) report(problem)
    addUnsupported(draft, entry.name, resolved.unsupported)
    const checked = check(entry.name, resolved.values)
    for (const problem of checked.problems) report(problem)
    draft.warnings.push(...checked.warnings)
    const reader = variableReader(resolved.values, report)
    return { ...entry, ...readDevice(entry, reader, neighbours) }
  })
}
