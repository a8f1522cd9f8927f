/** Inventory and settings -> Fleet. */
import {
  groupsOf,
  positionOf,
  resolveVars,
  splitWords,
  type Inventory,
} from '../inventory/inventory.ts'
import type { Problem } from '../problem.ts'
import { fail, ok, type Result } from '../result.ts'
import type { Device, Fleet, Role } from './fleet.ts'
import type { Settings } from './settings.ts'
import { variableReader, type VariableReader } from './variables.ts'

/** Sources for a device that names none and has no stratum 1 to follow; none of them smears leaps. */
const publicSources = ['0', '1', '2', '3'].map((n) => `${n}.pool.ntp.org`)

const hostPattern = /^[A-Za-z0-9][A-Za-z0-9._:%-]{0,253}$/

/** All problems of all devices at once. */
export function buildFleet(
  settings: Settings,
  inventory: Inventory,
): Result<Fleet, readonly Problem[]> {
  const problems: Problem[] = []
  const entries = inventory.hosts.map((name) => {
    const variables = resolveVars(inventory, name)
    if (!variables.ok) problems.push(...variables.failure)
    const values = variables.ok ? variables.value : new Map<string, never>()
    const reader = variableReader(name, values, (variable) => positionOf(inventory, name, variable))
    return { name, reader, address: reader.text('ansible_host', name, hostPattern) }
  })
  const addresses = new Map(entries.map(({ name, address }) => [name, address]))
  const stratum1 = inventory.hosts.filter((name) => roleOf(inventory, name) === 'stratum1')
  const devices = entries.map(({ name, reader, address }) => {
    const groups = groupsOf(inventory, name)
    const device = { name, address, groups, role: roleOf(inventory, name) }
    const read = readDevice(device, reader, settings, { addresses, stratum1 })
    problems.push(...reader.problems)
    return read
  })
  problems.push(...sharedAddresses(devices))
  if (problems.length > 0) return fail(problems)
  return ok({ name: settings.fleet, settings, devices, warnings: devices.flatMap(warningsFor) })
}

function roleOf(inventory: Inventory, name: string): Role {
  return groupsOf(inventory, name).includes('stratum1') ? 'stratum1' : 'stratum2'
}

interface Neighbours {
  readonly addresses: ReadonlyMap<string, string>
  readonly stratum1: readonly string[]
}

function readDevice(
  base: Pick<Device, 'name' | 'address' | 'groups' | 'role'>,
  reader: VariableReader,
  settings: Settings,
  neighbours: Neighbours,
): Device {
  const keyFile = reader.text('ansible_ssh_private_key_file', '', /^\P{Cc}+$/u)
  const port = [1, 65_535] as const
  const gps = reader.flag('gps_enabled', false)
  const pps = reader.flag('pps_enabled', false)
  if (pps && !gps) reader.refuse('pps_enabled', 'needs gps_enabled', 'set gps_enabled: yes')
  return {
    ...base,
    sshPort: reader.integer('ansible_port', 22, port),
    user: reader.text('ansible_user', 'pi', /^[a-z_][a-z0-9_.-]{0,31}$/i),
    privateKeyFile: keyFile === '' ? (settings.ssh.private_key_file ?? null) : keyFile,
    commonArgs: splitWords(reader.text('ansible_ssh_common_args', '', /^\P{Cc}*$/u)),
    gps,
    pps,
    ppsGpio: reader.integer('pps_gpio', 4, [0, 27]),
    ntpServers: readSources(base, reader, neighbours),
    localStratum: readLocalStratum(reader),
    httpPort: reader.integer('http_port', 3000, port),
    metricsPort: reader.integer('metrics_port', 9090, port),
    ntpPort: reader.integer('ntp_port', 123, port),
  }
}

/** Stratum is a result, never a setting: what is set is the last resort of a clock without sources. */
function readLocalStratum(reader: VariableReader): number {
  const stratum = reader.integer('stratum', 10, [1, 15])
  if (stratum >= 10) return stratum
  const fix = 'leave it out; a GPS server goes into the group stratum1, with gps_enabled: yes'
  reader.refuse('stratum', `${stratum} would let an undisciplined clock announce itself`, fix)
  return 10
}

/** Names of members become addresses: inventory names do not resolve on a Pi. */
function readSources(
  device: Pick<Device, 'name' | 'role'>,
  reader: VariableReader,
  { addresses, stratum1 }: Neighbours,
): string[] {
  const written = reader.text('ntp_servers', '', /^\P{Cc}*$/u)
  const names = written.split(',').map((name) => name.trim())
  const listed = names.filter((name) => name !== '')
  for (const name of listed) {
    if (name === device.name) reader.refuse('ntp_servers', 'names the device itself', null)
    else if (!hostPattern.test(name))
      reader.refuse('ntp_servers', `has ${JSON.stringify(name)}`, null)
  }
  if (listed.length > 0) return listed.map((name) => addresses.get(name) ?? name)
  if (device.role === 'stratum2' && stratum1.length > 0) {
    return stratum1.map((name) => addresses.get(name) ?? name)
  }
  return publicSources
}

function sharedAddresses(devices: readonly Device[]): Problem[] {
  const seen = new Map<string, string>()
  const problems: Problem[] = []
  for (const device of devices) {
    const key = `${device.address} port ${device.sshPort}`
    const other = seen.get(key)
    if (other === undefined) seen.set(key, device.name)
    else {
      const what = `${device.name} and ${other} have the same address ${key}`
      problems.push({ file: 'inventory', line: null, column: null, what, fix: null })
    }
  }
  return problems
}

/** RFC 8633 section 3.2: four sources tolerate one falseticker; smearing sources must not be mixed. */
function warningsFor(device: Device): string[] {
  const count = device.ntpServers.length
  const warnings: string[] = []
  if (device.role === 'stratum2' && count < 4) {
    const sources = count === 1 ? 'source gives' : 'sources give'
    warnings.push(
      `${device.name}: ${count} ${sources} no majority over a falseticker; use 4 or more`,
    )
  }
  const smeared = device.ntpServers.filter((name) =>
    /\bgoogle\b|\bamazon\b|\bfacebook\b/.test(name),
  )
  if (smeared.length > 0 && smeared.length < count) {
    warnings.push(`${device.name}: ${smeared.join(', ')} smears leap seconds, the others do not`)
  }
  return warnings
}
