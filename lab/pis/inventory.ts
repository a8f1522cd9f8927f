/** An inventory of the running lab with its plain hosts, for benchmarks. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guideDevices, type LabDevice } from './devices.ts'
import type { LabPaths } from './settings.ts'

/** The plain hosts as one group in Ansible's format; they are nobody's time servers. */
export function plainInventory(devices: readonly LabDevice[]): string {
  const hosts = devices.filter((device) => !guideDevices.includes(device))
  const lines = hosts.map((host) => `        ${host.name}: { ansible_host: ${host.address} }`)
  return [
    'all:',
    '  children:',
    '    plain:',
    lines.length === 0 ? '      hosts: {}' : '      hosts:',
    ...lines,
    '  vars:',
    '    ansible_user: pi',
    '    ansible_python_interpreter: /usr/bin/python3',
    '',
  ].join('\n')
}

/** Written beside the keys as `plain-hosts.yml`. */
export function writeInventory(paths: LabPaths, devices: readonly LabDevice[]): void {
  writeFileSync(join(paths.guideState, 'plain-hosts.yml'), plainInventory(devices))
}
