/** Who follows whom in a fleet, by name. */
import type { Device } from '../../device/device.ts'
import type { Member } from '../plan.ts'

/** In the order of the fleet. A source that has the address of several devices is each of them. */
export function membersOf(devices: readonly Device[]): Member[] {
  const byAddress = Map.groupBy(devices, ({ address }) => address.toLowerCase())
  return devices.map((device) => memberOf(device, byAddress))
}

function memberOf(device: Device, byAddress: ReadonlyMap<string, readonly Device[]>): Member {
  const { name, role, site, ntpServers } = device
  const owners = ntpServers.map((server) => byAddress.get(server.toLowerCase()) ?? [])
  const upstreams = new Set(owners.flat().map((owner) => owner.name))
  upstreams.delete(name)
  return {
    device: name,
    role,
    site,
    upstreams: [...upstreams],
    hasOutsideSources: owners.some((found) => found.length === 0),
  }
}
