import type { Device } from '../device/device.ts'

/** What devices can be chosen by besides names and groups: `role=stratum1`, `site=north`. */
export function labelsOf(
  devices: readonly Device[],
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  return new Map([
    ['role', namesBy(devices, ({ role }) => role)],
    ['site', namesBy(devices, ({ site }) => site)],
  ])
}

function namesBy(
  devices: readonly Device[],
  valueOf: (device: Device) => string | null,
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const device of devices) {
    const value = valueOf(device)
    if (value !== null) names.set(value, [...(names.get(value) ?? []), device.name])
  }
  return names
}
