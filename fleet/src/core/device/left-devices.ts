/** Devices that Timeball has changed, and that the inventory does not have any more. */
import type { Device, Reachable } from './device.ts'

/** One that has only got another name is still there: something at its address is in the fleet. */
export function leftDevices(
  known: readonly Reachable[],
  devices: readonly Device[],
): readonly Reachable[] {
  const names = new Set(devices.map(({ name }) => name))
  const places = new Set(devices.map(placeOf))
  return known.filter((device) => !names.has(device.name) && !places.has(placeOf(device)))
}

/** Those of which it is not known how they are reached now. */
export function newWays(
  known: readonly Reachable[],
  devices: readonly Reachable[],
): readonly Reachable[] {
  const ways = new Set(known.map(wayTo))
  return devices.filter((device) => !ways.has(wayTo(device)))
}

function wayTo({ name, address, sshPort, user, privateKeyFile, commonArgs }: Reachable): string {
  return JSON.stringify([name, address, sshPort, user, privateKeyFile, commonArgs])
}

/** Of each, what goes on there and how it is ended. */
export function leftWarnings(left: readonly Reachable[]): string[] {
  return left.map(
    ({ name, address }) =>
      `${name} left the inventory; its server and its keys go on at ${address}: timeball device retire ${name}`,
  )
}

/** Devices that still take their time from it. */
export function followersOf(
  { name, address }: Reachable,
  devices: readonly Device[],
): readonly Device[] {
  return devices.filter(({ ntpServers }) => ntpServers.some((s) => s === address || s === name))
}

function placeOf({ address, sshPort }: Reachable): string {
  return `${address} ${sshPort}`
}
