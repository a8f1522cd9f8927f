/** One device from the variables of its host. */
import { isAddress } from '@timeball/lib/address.ts'
import type { Device } from '../device/device.ts'
import { sourceNames } from './ntp-sources.ts'
import type { VariableReader } from './variables.ts'

/** Sources for a device that names none and has no stratum 1 to follow; none of them smears leaps. */
const publicSources = ['0', '1', '2', '3'].map((n) => `${n}.pool.ntp.org`)

export interface Neighbours {
  readonly addresses: ReadonlyMap<string, string>
  readonly stratum1: readonly string[]
}

export type Served = Omit<
  Device,
  'name' | 'groups' | 'role' | 'address' | 'sshPort' | 'user' | 'privateKeyFile' | 'commonArgs'
>

export function readDevice(
  base: Pick<Device, 'name' | 'role' | 'address'>,
  reader: VariableReader,
  neighbours: Neighbours,
): Served {
  const gps = reader.flag('gps_enabled', false)
  const pps = reader.flag('pps_enabled', false)
  if (pps && !gps) reader.refuse('pps_enabled', 'needs gps_enabled', 'set gps_enabled: yes')
  return {
    gps,
    pps,
    ppsGpio: reader.integer('pps_gpio', 4, [0, 27]),
    ntpServers: readSources(base, reader, neighbours),
    localStratum: readLocalStratum(reader),
    ...readTcpPorts(reader),
    ntpPort: reader.integer('ntp_port', 123, ports),
    receiver: reader.list('gps_model').join(', ') || null,
    gpsLatencySeconds: reader.decimal('gps_latency', [-1, 1]),
    site: readSite(reader),
  }
}

const ports = [1, 65_535] as const

/** Both are TCP, and one program listens on both. */
function readTcpPorts(reader: VariableReader): Pick<Device, 'httpPort' | 'metricsPort'> {
  const httpPort = reader.integer('http_port', 3000, ports)
  const metricsPort = reader.integer('metrics_port', 9090, ports)
  if (httpPort === metricsPort) {
    const said = reader.find('metrics_port') === undefined ? 'http_port' : 'metrics_port'
    const other = said === 'http_port' ? 'metrics_port' : 'http_port'
    reader.refuse(said, `is ${httpPort}, as ${other} is`, 'give each a port of its own')
  }
  return { httpPort, metricsPort }
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
  const names = sourceNames(reader)
  for (const name of names) {
    if ((addresses.get(name) ?? name) === device.address) {
      reader.refuse('ntp_servers', 'names the device itself', null)
    } else if (!isAddress(addresses.get(name) ?? name)) {
      const shown = reader.find('ntp_servers')?.isSecret === true ? 'one' : JSON.stringify(name)
      reader.refuse('ntp_servers', `has ${shown}, which is no host name`, null)
    }
  }
  if (names.length > 0) return [...new Set(names.map((name) => addresses.get(name) ?? name))]
  return device.role === 'stratum2' && stratum1.length > 0 ? stratum1 : publicSources
}
