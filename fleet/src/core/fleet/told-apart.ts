/** Devices that could not be told apart: at one address, or with names that differ in case alone. */
import { positionOf, type Inventory } from '@timeball/inventory/inventory.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Device } from '../device/device.ts'

type Named = Pick<Device, 'name' | 'address' | 'sshPort'>

export function notToldApart(devices: readonly Named[], inventory: Inventory): readonly Problem[] {
  return [...sharedNames(devices, inventory), ...sharedAddresses(devices, inventory)]
}

/** Host names, API_KEY_1_<DEVICE>, and files on some disks know no case. */
function sharedNames(devices: readonly Named[], inventory: Inventory): readonly Problem[] {
  const pairs = pairsBy(devices, ({ name }) => name.toLowerCase())
  return pairs.map(([other, { name }]) => {
    const place = inventory.hosts.get(name)?.at ?? wholeFile(inventory)
    const what = `${name} and ${other.name} differ in upper and lower case alone`
    return { ...place, what, fix: 'Rename one of the two hosts' }
  })
}

function sharedAddresses(devices: readonly Named[], inventory: Inventory): readonly Problem[] {
  const pairs = pairsBy(devices, ({ address, sshPort }) => `${address} port ${sshPort}`)
  return pairs.map(([other, { name, address, sshPort }]) => {
    const place = positionOf(inventory, name, 'ansible_host') ?? wholeFile(inventory)
    const what = `${name} and ${other.name} have the same address ${address} port ${sshPort}`
    return { ...place, what, fix: null }
  })
}

/** Each with the first one that it is the same as. */
function pairsBy(
  devices: readonly Named[],
  key: (device: Named) => string,
): readonly (readonly [Named, Named])[] {
  return [...Map.groupBy(devices, key).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : others.map((other) => [first, other] as const),
  )
}

function wholeFile({ path }: Inventory): Pick<Problem, 'file' | 'line' | 'column'> {
  return { file: path, line: null, column: null }
}
