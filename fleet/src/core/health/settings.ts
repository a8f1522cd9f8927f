/** `health:` of `fleet.yaml`. */
import { z } from 'zod'
import { durationMs } from '../setting-values.ts'

export const healthSettings = z
  .strictObject({
    disk_percent: z.number().min(1).max(100).default(80).describe('A fuller disk is degraded.'),
    max_offset_ms: z.number().positive().default(100).describe('Further off is degraded or down.'),
    timeout: durationMs(100, 60_000).prefault('3s').describe('For each question to a device.'),
  })
  .prefault({})
  .describe('What counts as healthy, and how long a device may take to say so.')

export type HealthSettings = z.output<typeof healthSettings>
