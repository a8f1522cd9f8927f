/** Fleets for tests: from the text of an inventory, as an operator writes it. */
import assert from 'node:assert/strict'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import { textSource } from '@timeball/inventory/sources/source.ts'
import { formatProblem, type Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import { buildFleet } from '../src/core/fleet/build-fleet.ts'
import type { Device } from '../src/core/device/device.ts'
import type { Fleet } from '../src/core/fleet/fleet.ts'
import { parseSettings } from '../src/core/settings/whole-settings.ts'
import type { Settings } from '../src/core/settings/settings.ts'

/** The inventory of the fleet guide, word for word. */
export const guideInventory = `all:
  children:
    stratum1:
      hosts:
        pi-gps-01:
          ansible_host: 192.168.1.101
          gps_enabled: yes
          pps_enabled: yes
          pps_gpio: 4
        pi-gps-02:
          ansible_host: 192.168.1.102
          gps_enabled: yes
          pps_enabled: yes
          pps_gpio: 4
    
    stratum2:
      hosts:
        pi-ntp-01:
          ansible_host: 192.168.1.201
          ntp_servers: "pi-gps-01,pi-gps-02"
        pi-ntp-02:
          ansible_host: 192.168.1.202
          ntp_servers: "pi-gps-01,pi-gps-02"
  
  vars:
    ansible_user: pi
    ansible_python_interpreter: /usr/bin/python3
`

/** An inventory of hosts alone: their variables are lines such as `gps_enabled: yes`. */
export function inventoryOf(hosts: Readonly<Record<string, readonly string[]>>): string {
  const entries = Object.entries(hosts).map(([name, lines]) =>
    [`    ${name}:`, ...lines.map((line) => `      ${line}`)].join('\n'),
  )
  return `all:\n  hosts:\n${entries.join('\n')}\n`
}

export function settingsOf(text = ''): Settings {
  const settings = parseSettings('fleet.yaml', text)
  assert.ok(settings.ok, JSON.stringify(settings))
  return settings.value
}

export function buildFrom(
  inventoryText: string,
  settingsText = '',
): Result<Fleet, readonly Problem[]> {
  const inventory = parseInventory(textSource('inventory.yml', inventoryText))
  return inventory.ok ? buildFleet(settingsOf(settingsText), inventory.value) : inventory
}

export function fleetOf(inventoryText = guideInventory, settingsText = ''): Fleet {
  const fleet = buildFrom(inventoryText, settingsText)
  assert.ok(fleet.ok, JSON.stringify(fleet))
  return fleet.value
}

export function deviceOf(fleet: Fleet, name: string): Device {
  const device = fleet.devices.find((each) => each.name === name)
  assert.ok(device !== undefined, `no device ${name}`)
  return device
}

/** Problems as the operator sees them, each on one line. */
export function shownProblems(result: Result<unknown, readonly Problem[]>): string[] {
  assert.ok(!result.ok, 'it was accepted')
  return result.failure.map((problem) => formatProblem(problem).replace('\n    ', ' | '))
}
