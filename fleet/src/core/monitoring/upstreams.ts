/** Who follows whom, as far as it is inside the fleet. */
import type { Device } from '../device/device.ts'

export interface UpstreamSet {
  readonly upstreams: readonly string[]
  /** Devices that follow just these and nobody else: without them they have no time. */
  readonly followers: readonly string[]
}

/** In the order of the inventory. Devices with a receiver or with a source outside are left out. */
export function upstreamSets(devices: readonly Device[]): UpstreamSet[] {
  const nameOf = new Map(devices.flatMap(({ name, address }) => [[address, name]]))
  const sets = new Map<string, UpstreamSet>()
  for (const device of devices) {
    const names = device.ntpServers.flatMap((server) => nameOf.get(server) ?? [])
    const upstreams = [...new Set(names)].filter((name) => name !== device.name)
    if (device.gps || upstreams.length === 0 || names.length < device.ntpServers.length) continue
    const key = upstreams.toSorted((a, b) => (a < b ? -1 : 1)).join(' ')
    const followers = [...(sets.get(key)?.followers ?? []), device.name]
    sets.set(key, { upstreams: key.split(' '), followers })
  }
  return [...sets.values()]
}
