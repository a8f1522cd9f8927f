/** The inventory of the exported project: hosts, groups, and what differs between hosts. */
import { stringify } from 'yaml'
import type { Inventory } from '@timeball/inventory/inventory.ts'
import { quoteAll } from '../../ask/shell-words.ts'
import type { Device } from '../../device/device.ts'

/** Values that are written for Ansible. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain }

/** YAML as ansible-lint wants it; texts that YAML 1.1 would read as something else are quoted. */
export function yamlFile(content: Plain, comment: readonly string[] = []): string {
  const head = comment.map((line) => `# ${line}\n`).join('')
  return `---\n${head}${stringify(content, { version: '1.1', nullStr: '', lineWidth: 120 })}`
}

/** `inventory/hosts.yml`. */
export function inventoryFile(inventory: Inventory, devices: readonly Device[]): string {
  const names = new Map(devices.map(({ address, name }) => [address, name]))
  const hosts = devices.map((device): [string, Plain] => [
    device.name,
    hostVariables(device, names),
  ])
  const top = groupsBelow(inventory, 'all', new Set(devices.map(({ name }) => name)))
  const children = top === null ? {} : { children: top }
  return yamlFile({ all: { hosts: Object.fromEntries(hosts), ...children } })
}

/** `names` of members, by address: what follows a member follows it to another address. */
function hostVariables(device: Device, names: ReadonlyMap<string, string>): Plain {
  return {
    ansible_host: device.address,
    ansible_user: device.user,
    ...(device.sshPort === 22 ? {} : { ansible_port: device.sshPort }),
    ...(device.privateKeyFile === null
      ? {}
      : { ansible_ssh_private_key_file: device.privateKeyFile }),
    ...(device.commonArgs.length === 0
      ? {}
      : { ansible_ssh_common_args: quoteAll(device.commonArgs) }),
    ...(device.gps ? { gps_enabled: true, pps_enabled: device.pps } : {}),
    ...(device.pps || device.ppsGpio !== 4 ? { pps_gpio: device.ppsGpio } : {}),
    ...(device.gpsLatencySeconds === null ? {} : { gps_latency: device.gpsLatencySeconds }),
    ...(device.localStratum === 10 ? {} : { stratum: device.localStratum }),
    ...(device.httpPort === 3000 ? {} : { http_port: device.httpPort }),
    ...(device.metricsPort === 9090 ? {} : { metrics_port: device.metricsPort }),
    ...(device.ntpPort === 123 ? {} : { ntp_port: device.ntpPort }),
    ntp_servers: device.ntpServers.map((source) => names.get(source) ?? source),
  }
}

/** Groups with at least one device in them; `null`: there is none. */
function groupsBelow(
  inventory: Inventory,
  name: string,
  devices: ReadonlySet<string>,
): { readonly [key: string]: Plain } | null {
  const found = inventory.groups.get(name)?.children ?? []
  const groups = found.flatMap((child): [string, Plain][] => {
    const hosts = (inventory.groups.get(child)?.hosts ?? []).filter((host) => devices.has(host))
    const children = groupsBelow(inventory, child, devices)
    if (child === 'ungrouped' || (hosts.length === 0 && children === null)) return []
    const own =
      hosts.length === 0 ? {} : { hosts: Object.fromEntries(hosts.map((host) => [host, null])) }
    return [[child, children === null ? own : { ...own, children }]]
  })
  return groups.length === 0 ? null : Object.fromEntries(groups)
}
