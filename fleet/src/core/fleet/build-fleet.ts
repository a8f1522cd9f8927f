/** Inventory and settings -> Fleet. */
import { connectionOf } from '@timeball/inventory/connection.ts'
import { groupNames, positionOf, type Inventory } from '@timeball/inventory/inventory.ts'
import { resolveVars } from '@timeball/inventory/resolve-vars.ts'
import type { Value } from '@timeball/inventory/value.ts'
import { isAddress } from '@timeball/lib/address.ts'
import { formatProblem, type Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Device, Role } from '../device/device.ts'
import { deviceNameMistake } from './device-name.ts'
import type { Fleet } from './fleet.ts'
import type { Settings } from '../settings/settings.ts'
import { resolveQuorum, type Place } from './check-quorum.ts'
import { variableReader, type VariableReader } from './variables.ts'
import { deviceWarnings, inventoryWarnings } from './warnings.ts'

/** Sources for a device that names none and has no stratum 1 to follow; none of them smears leaps. */
const publicSources = ['0', '1', '2', '3'].map((n) => `${n}.pool.ntp.org`)

/** The variables that Timeball reads, besides Ansible's own for the connection. */
const ownVariables = [
  'gps_enabled',
  'pps_enabled',
  'pps_gpio',
  'ntp_servers',
  'stratum',
  'http_port',
  'metrics_port',
  'ntp_port',
  'gps_model',
  'site',
]

const nowhere: Place = () => ({ file: 'fleet.yaml', line: null, column: null })

/** All problems of all devices at once. `place`: of a setting. */
export function buildFleet(
  settings: Settings,
  inventory: Inventory,
  place: Place = nowhere,
): Result<Fleet, readonly Problem[]> {
  const problems: Problem[] = []
  const entries = [...inventory.hosts.values()].map(({ name, at }) => {
    const mistake = deviceNameMistake(name)
    if (mistake !== null) {
      const what = `the name of the device "${name}" ${mistake}`
      problems.push({ ...at, what, fix: 'Rename the host' })
    }
    const base = readConnection(inventory, name, settings, problems)
    const groups = groupNames(inventory, name)
    return { ...base, name, groups, role: roleOf(groups) }
  })
  const neighbours: Neighbours = {
    addresses: new Map(entries.map(({ name, address }) => [name, address])),
    stratum1: entries.filter(({ role }) => role === 'stratum1').map(({ address }) => address),
  }
  const devices = entries.map((base): Device => {
    const reader = readerOf(inventory, base.name, problems)
    const device = { ...base, ...readDevice(base, reader, neighbours) }
    problems.push(...reader.problems)
    return device
  })
  problems.push(...sharedAddresses(devices, inventory))
  const rollout = resolveQuorum(settings.rollout, inventory, devices, place)
  if (!rollout.ok) problems.push(...rollout.failure)
  if (!rollout.ok || problems.length > 0) return fail(eachOnce(problems))
  const warnings = [...inventoryWarnings(inventory), ...devices.flatMap(deviceWarnings)]
  const resolved = { ...settings, rollout: rollout.value }
  return ok({ name: settings.fleet, settings: resolved, devices, warnings })
}

/** A mistake in the variables of a group is told once, not for each of its devices. */
function eachOnce(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()]
}

function roleOf(groups: readonly string[]): Role {
  return groups.includes('stratum1') ? 'stratum1' : 'stratum2'
}

type Reach = Pick<Device, 'address' | 'sshPort' | 'user' | 'privateKeyFile' | 'commonArgs'>

const unknownConnection = {
  address: null,
  port: null,
  user: null,
  privateKeyFile: null,
  commonArgs: [],
}

/** The guide's devices log in as `pi`. */
function readConnection(
  inventory: Inventory,
  name: string,
  settings: Settings,
  problems: Problem[],
): Reach {
  const read = connectionOf(inventory, name)
  if (!read.ok) problems.push(...read.failure)
  const connection = read.ok ? read.value : unknownConnection
  return {
    address: connection.address ?? name,
    sshPort: connection.port ?? 22,
    user: connection.user ?? 'pi',
    privateKeyFile: connection.privateKeyFile ?? settings.ssh.private_key_file ?? null,
    commonArgs: connection.commonArgs,
  }
}

function readerOf(inventory: Inventory, name: string, problems: Problem[]): VariableReader {
  const variables = resolveVars(inventory, name, ownVariables)
  if (!variables.ok) problems.push(...variables.failure)
  const values = variables.ok ? variables.value : new Map<string, Value>()
  return variableReader(name, values, (variable) => positionOf(inventory, name, variable))
}

interface Neighbours {
  readonly addresses: ReadonlyMap<string, string>
  readonly stratum1: readonly string[]
}

function readDevice(
  base: Pick<Device, 'name' | 'role' | 'address'>,
  reader: VariableReader,
  neighbours: Neighbours,
): Omit<Device, keyof Reach | 'name' | 'groups' | 'role'> {
  const port = [1, 65_535] as const
  const gps = reader.flag('gps_enabled', false)
  const pps = reader.flag('pps_enabled', false)
  if (pps && !gps) reader.refuse('pps_enabled', 'needs gps_enabled', 'set gps_enabled: yes')
  return {
    gps,
    pps,
    ppsGpio: reader.integer('pps_gpio', 4, [0, 27]),
    ntpServers: readSources(base, reader, neighbours),
    localStratum: readLocalStratum(reader),
    httpPort: reader.integer('http_port', 3000, port),
    metricsPort: reader.integer('metrics_port', 9090, port),
    ntpPort: reader.integer('ntp_port', 123, port),
    receiver: reader.list('gps_model').join(', ') || null,
    site: readSite(reader),
  }
}

const sitePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

function readSite(reader: VariableReader): string | null {
  const site = reader.list('site').join(',')
  if (site === '' || sitePattern.test(site)) return site === '' ? null : site
  reader.refuse('site', 'is not one word', 'use letters, digits, . _ and -')
  return null
}

/** Stratum is a result, never a setting: what is set is the last resort of a clock without sources. */
function readLocalStratum(reader: VariableReader): number {
  const stratum = reader.integer('stratum', 10, [1, 15])
  if (stratum >= 10) return stratum
  const fix = 'leave it out; a GPS server goes into the group stratum1, with gps_enabled: yes'
  reader.refuse('stratum', `${stratum} would let an undisciplined clock announce itself`, fix)
  return 10
}

/** Names of members become addresses: inventory names do not resolve on a Pi. Each counts once. */
function readSources(
  device: Pick<Device, 'name' | 'role' | 'address'>,
  reader: VariableReader,
  { addresses, stratum1 }: Neighbours,
): readonly string[] {
  const names = reader.list('ntp_servers')
  for (const name of names) {
    if ((addresses.get(name) ?? name) === device.address) {
      reader.refuse('ntp_servers', 'names the device itself', null)
    } else if (!isAddress(addresses.get(name) ?? name)) {
      reader.refuse('ntp_servers', `has ${JSON.stringify(name)}, which is no host name`, null)
    }
  }
  if (names.length > 0) return [...new Set(names.map((name) => addresses.get(name) ?? name))]
  return device.role === 'stratum2' && stratum1.length > 0 ? stratum1 : publicSources
}

function sharedAddresses(devices: readonly Device[], inventory: Inventory): Problem[] {
  const seen = new Map<string, string>()
  const problems: Problem[] = []
  for (const device of devices) {
    const key = `${device.address} port ${device.sshPort}`
    const other = seen.get(key)
    if (other === undefined) seen.set(key, device.name)
    else {
      const what = `${device.name} and ${other} have the same address ${key}`
      const at = positionOf(inventory, device.name, 'ansible_host')
      const place = at ?? { file: inventory.path, line: null, column: null }
      problems.push({ ...place, what, fix: null })
    }
  }
  return problems
}
