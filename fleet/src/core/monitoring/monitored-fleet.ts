/** What the monitoring of a fleet is made from. */
import type { ClockSettings } from '../clock/settings.ts'
import type { Device } from '../device/device.ts'
import type { HealthSettings } from '../health/settings.ts'
import type { RolloutSettings } from '../rollout/settings.ts'
import type { MonitoringSettings } from './settings.ts'

export interface MonitoredFleet {
  readonly name: string
  readonly devices: readonly Device[]
  readonly settings: {
    readonly monitoring: MonitoringSettings
    readonly health: HealthSettings
    readonly clock: ClockSettings
    readonly rollout: RolloutSettings
  }
}
