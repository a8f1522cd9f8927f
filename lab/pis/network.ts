/**
 * The lab's network: one namespace with a bridge, and a virtual cable to each device. The text
 * below is for `ip -batch`; nothing here runs it. There is no default route anywhere, so no packet
 * for the lab's addresses can leave the machine.
 */
import { gatewayAddress, type LabDevice, mirrorAddress, registryAddress } from './devices.ts'
import { labSuffix } from './settings.ts'

/** Name of the namespace, as `ip netns` and the fleet's `network.namespace` know it. */
export const namespaceName = `timeball-lab${labSuffix}`
export const namespacePath = `/run/netns/${namespaceName}`
/** The lab's side of all cables, in the namespace; it has the addresses of the services. */
export const bridge = 'lab0'

/** Run inside the namespace, once, after `ip netns add`. */
export function bridgeCommands(): string {
  return [
    'link set lo up',
    `link add ${bridge} type bridge`,
    ...[gatewayAddress, registryAddress, mirrorAddress].map(
      (address) => `addr add ${address}/24 dev ${bridge}`,
    ),
    `link set ${bridge} up`,
    '',
  ].join('\n')
}

/** The bridge's end of a device's cable; interface names have at most 15 characters. */
export function cableName(device: LabDevice): string {
  return `lab-${device.address.slice(device.address.lastIndexOf('.') + 1)}`
}

/** Run inside the namespace: connects the namespace of process `pid` to the bridge. */
export function cableCommands(device: LabDevice, pid: number): string {
  const cable = cableName(device)
  return [
    `link add ${cable} type veth peer name eth0 netns ${pid}`,
    `link set ${cable} master ${bridge} up`,
    '',
  ].join('\n')
}

/** Run inside the device's namespace. */
export function addressCommands(device: LabDevice): string {
  return [`addr add ${device.address}/24 dev eth0`, 'link set eth0 up', ''].join('\n')
}
