/**
 * Fleet -> an Ansible project that makes devices the same without Timeball: what `plan` calls up to
 * date afterwards, and what finds nothing to change after `apply`.
 */
import type { Inventory } from '@timeball/inventory/inventory.ts'
import { packages } from '../../desired/desired-state.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { gpsReceiverRole } from './gps-receiver-role.ts'
import { inventoryFile, yamlFile, type Plain } from './inventory.ts'
import { readmeText } from './readme.ts'
import { timeServerRole } from './time-server-role.ts'

/** Where the playbook has the keys from. */
export type ExportedKeys =
  /** `API_KEY_1_<DEVICE>` of its environment, or `API_KEY_1`. */
  | { readonly kind: 'environment' }
  /** Behind Ansible Vault in `host_vars/`: by device, then by name of the key. */
  | { readonly kind: 'vault'; readonly sealed: ReadonlyMap<string, ReadonlyMap<string, string>> }

export interface ExportInput {
  readonly fleet: Fleet
  readonly inventory: Inventory
  /** By digest. */
  readonly image: string
  readonly keys: ExportedKeys
}

/** Text by path. */
export function ansibleProject(input: ExportInput): ReadonlyMap<string, string> {
  const { fleet, inventory, keys } = input
  return new Map([
    ['README.md', readmeText(fleet, keys)],
    ['ansible.cfg', configuration],
    ['.ansible-lint', '---\nprofile: production\n'],
    ['.gitignore', '*.retry\n.ansible/\n'],
    ['requirements.yml', requirements],
    ['deploy.yml', playbook],
    ['inventory/hosts.yml', inventoryFile(inventory, fleet.devices)],
    ['inventory/group_vars/all/time_server.yml', commonVariables(input)],
    ['inventory/group_vars/all/keys.yml', keys.kind === 'vault' ? vaultKeys : environmentKeys],
    ...(keys.kind === 'vault' ? [...keys.sealed].map(vaultFile) : []),
    ...timeServerRole().map(below('roles/time_server')),
    ...gpsReceiverRole().map(below('roles/gps_receiver')),
  ])
}

function below(folder: string) {
  return ([path, text]: readonly [string, string]): [string, string] => [`${folder}/${path}`, text]
}

const configuration = `[defaults]
inventory = inventory/hosts.yml
forks = 10
interpreter_python = auto_silent

[ssh_connection]
pipelining = True
`

const requirements = `---
collections:
  - name: community.docker
    version: ">=3.10.0"
`

const playbook = `---
# One host after another, and none after one that failed: the others go on giving time.
- name: Deploy the time servers
  hosts: all
  become: true
  gather_facts: false
  serial: "{{ deploy_serial | default(1) }}"
  max_fail_percentage: 0
  roles:
    - role: gps_receiver
      when: time_server_gps_enabled
    - role: time_server
`

/** What is alike on all hosts, and how the names of the inventory become those of the roles. */
function commonVariables({ fleet: { settings }, image }: ExportInput): string {
  const [everywhere, withReceiver] = [false, true].map((gps) =>
    packages({ gps }, settings).map(({ name, version }) =>
      version === undefined ? name : `${name}=${version}`,
    ),
  )
  const common = everywhere ?? []
  const variables: Plain = {
    time_server_image: image,
    time_server_packages: common,
    time_server_apt_cache_seconds: 86_400,
    time_server_max_offset_ms: settings.health.max_offset_ms,
    time_server_clock_discipline: settings.clock.discipline,
    time_server_ntp_servers: '{{ ntp_servers }}',
    time_server_gps_enabled: '{{ gps_enabled | default(false) }}',
    time_server_pps_enabled: '{{ pps_enabled | default(false) }}',
    time_server_pps_gpio: '{{ pps_gpio | default(4) }}',
    time_server_gps_latency: "{{ gps_latency | default('') }}",
    time_server_local_stratum: '{{ stratum | default(10) }}',
    time_server_http_port: '{{ http_port | default(3000) }}',
    time_server_metrics_port: '{{ metrics_port | default(9090) }}',
    time_server_ntp_port: '{{ ntp_port | default(123) }}',
    gps_receiver_packages: (withReceiver ?? []).filter((name) => !common.includes(name)),
    gps_receiver_apt_cache_seconds: '{{ time_server_apt_cache_seconds }}',
    gps_receiver_pps_enabled: '{{ time_server_pps_enabled }}',
    gps_receiver_pps_gpio: '{{ time_server_pps_gpio }}',
  }
  return yamlFile(variables)
}

/** As `timeball` reads its environment: a variable for one device wins over that for all. */
const environmentKeys = yamlFile(
  Object.fromEntries(
    ['1', '2'].map((number): [string, string] => [
      `time_server_api_key_${number}`,
      `{{ lookup('ansible.builtin.env', 'API_KEY_${number}_' ~ time_server_host_suffix) | default(lookup('ansible.builtin.env', 'API_KEY_${number}'), true) }}`,
    ]),
  ),
).concat(
  `time_server_host_suffix: "{{ inventory_hostname | upper | regex_replace('[^A-Z0-9]', '_') }}"\n`,
)

/** A key that is on its way in or out is only behind the vault of hosts that have it. */
const vaultKeys = `---
time_server_api_key_1: "{{ vault_api_key_1 }}"
time_server_api_key_2: "{{ vault_api_key_2 | default('') }}"
`

function vaultFile([device, sealed]: readonly [string, ReadonlyMap<string, string>]): [
  string,
  string,
] {
  const keys = [...sealed].map(([name, text]) => {
    const lines = text
      .trim()
      .split('\n')
      .map((line) => `  ${line}\n`)
    return `vault_${name.toLowerCase()}: !vault |\n${lines.join('')}`
  })
  return [`inventory/host_vars/${device}/vault.yml`, `---\n${keys.join('')}`]
}
