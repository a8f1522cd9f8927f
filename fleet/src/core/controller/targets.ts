/** Where Prometheus finds the devices' metrics (http_sd). */
import { formatHostPort } from '@timeball/lib/address.ts'
import type { Device } from '../device/device.ts'

/** Prometheus: Configuration, "http_sd_config". */
export interface TargetGroup {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** In the order of the inventory. `site` only where the inventory has one. */
export function scrapeTargets(fleet: string, devices: readonly Device[]): readonly TargetGroup[] {
  return devices.map((device) => {
    const { name, role, site } = device
    const labels = { fleet, ...(site === null ? {} : { site }), role, device: name }
    return { targets: [metricsAddress(device)], labels }
  })
}

function metricsAddress({ address, metricsPort }: Device): string {
  return formatHostPort(address, metricsPort)
}
