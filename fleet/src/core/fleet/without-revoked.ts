/**
 * A fleet without the devices that were revoked. What the others should be stays as it is until the
 * inventory says otherwise, so that their keys can be changed alone, and at once.
 */
import type { Device } from '../device/device.ts'
import { followersOf } from '../device/left-devices.ts'
import { timeOf, type Revoked } from '../device/revoked.ts'
import { foldNames } from '../plan/names.ts'
import type { RolloutSettings } from '../rollout/settings.ts'
import type { Warning } from './fleet.ts'

export function withoutRevoked(
  all: readonly Device[],
  revoked: readonly Revoked[],
): { readonly devices: readonly Device[]; readonly warnings: readonly Warning[] } {
  if (revoked.length === 0) return { devices: all, warnings: [] }
  const names = namesIn(revoked)
  const devices = all.filter(({ name }) => !names.has(name))
  const warnings = revoked.flatMap(({ name, atUnixMs }): Warning[] => {
    const device = all.find((each) => each.name === name)
    if (device === undefined) return []
    const followers = followersOf(device, devices)
    const what = `${name} was revoked on ${timeOf(atUnixMs)} and is left out: take it from the inventory`
    const they = foldNames(followers.map((each) => each.name))
    const text = followers.length === 0 ? what : `${what}, and from ntp_servers of ${they}`
    return [{ device: null, text }]
  })
  return { devices, warnings }
}

/** A set of which nobody is left asks for nothing. */
export function setsWithout(
  settings: RolloutSettings,
  revoked: readonly Revoked[],
): RolloutSettings {
  if (revoked.length === 0) return settings
  const names = namesIn(revoked)
  const sets = Object.entries(settings.quorum.sets)
    .map(([name, members]) => [name, members.filter((each) => !names.has(each))] as const)
    .filter(([, members]) => members.length > 0)
  return { ...settings, quorum: { ...settings.quorum, sets: Object.fromEntries(sets) } }
}

function namesIn(revoked: readonly Revoked[]): ReadonlySet<string> {
  return new Set(revoked.map(({ name }) => name))
}
