/** `monitoring:` of `fleet.yaml`. */
import { z } from 'zod'

export const monitoringSettings = z.strictObject({}).prefault({})

export type MonitoringSettings = z.output<typeof monitoringSettings>
