/** The files of the embedded fleet that Timeball reads: inventory and settings. Pure. */
import type { DeviceAddress } from './device.ts'

/** A device of the inventory. */
export interface DeviceSpec {
  readonly name: string
  readonly group: 'stratum1' | 'stratum2'
  /** Names of other devices; empty for a stratum 1, which has its receiver. */
  readonly ntpServers: readonly string[]
  /** What its boot configuration says besides the usual; the lines for a receiver when left out. */
  readonly bootConfig?: string
}

/** A Pi that was set up for its receiver already needs no reboot at the first apply. */
const receiverLines = `dtoverlay=disable-bt
enable_uart=1
dtoverlay=pps-gpio,gpiopin=4
`

export function bootConfigOf({ group, bootConfig }: DeviceSpec): string {
  return bootConfig ?? (group === 'stratum1' ? receiverLines : '')
}

/** The four devices of the guide. */
export const guideDevices: readonly DeviceSpec[] = [
  { name: 'pi-gps-01', group: 'stratum1', ntpServers: [] },
  { name: 'pi-gps-02', group: 'stratum1', ntpServers: [] },
  { name: 'pi-ntp-01', group: 'stratum2', ntpServers: ['pi-gps-01', 'pi-gps-02'] },
  { name: 'pi-ntp-02', group: 'stratum2', ntpServers: ['pi-gps-01', 'pi-gps-02'] },
]

export function inventoryText(
  specs: readonly DeviceSpec[],
  addresses: ReadonlyMap<string, DeviceAddress>,
): string {
  const groups = (['stratum1', 'stratum2'] as const).map((group) => {
    const members = specs.filter((spec) => spec.group === group)
    return members.length === 0
      ? ''
      : `    ${group}:\n      hosts:\n${members.map((spec) => hostText(spec, addresses)).join('')}`
  })
  return `# The embedded fleet: devices simulated on this machine.
all:
  children:
${groups.join('')}  vars:
    ansible_user: pi
    ansible_python_interpreter: /usr/bin/python3
`
}

function hostText(spec: DeviceSpec, addresses: ReadonlyMap<string, DeviceAddress>): string {
  const at = addresses.get(spec.name)
  if (at === undefined) throw new Error(`no address for ${spec.name}`)
  const gps = spec.group === 'stratum1'
  const lines = [
    `ansible_host: ${at.address}`,
    `ansible_port: ${at.sshPort}`,
    `http_port: ${at.httpPort}`,
    `metrics_port: ${at.metricsPort}`,
    `ntp_port: ${at.ntpPort}`,
    ...(gps ? ['gps_enabled: yes', 'pps_enabled: yes', 'pps_gpio: 4'] : []),
    ...(spec.ntpServers.length === 0 ? [] : [`ntp_servers: "${spec.ntpServers.join(',')}"`]),
  ]
  return `        ${spec.name}:\n${lines.map((line) => `          ${line}\n`).join('')}`
}

export interface SettingsFiles {
  readonly image: string
  readonly privateKeyFile: string
  readonly knownHostsFile: string
}

/** Paths are written as JSON strings, which YAML reads as they are. */
export function fleetYamlText({ image, privateKeyFile, knownHostsFile }: SettingsFiles): string {
  return `# The embedded fleet: devices simulated on this machine.
fleet: embedded
image: ${image}
ssh:
  private_key_file: ${JSON.stringify(privateKeyFile)}
  known_hosts: ${JSON.stringify(knownHostsFile)}
clock:
  # The simulated ntpd steers nothing.
  discipline: false
`
}
