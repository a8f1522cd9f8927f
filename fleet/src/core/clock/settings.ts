/** `clock:` of `fleet.yaml`. */
import { z } from 'zod'
import { filePath } from '../setting-values.ts'
import { parseReference } from './reference.ts'

const reference = z
  .string()
  .refine((text) => parseReference(text) !== null, 'HOST, HOST:PORT or controller is wanted')

export const clockSettings = z
  .strictObject({
    discipline: z
      .boolean()
      .default(true)
      .describe('Whether the time server steers the clock of its device (CAP_SYS_TIME).'),
    references: z
      .array(reference)
      .max(16)
      .default([])
      .describe('Servers outside the fleet that clocks are compared with; controller is this one.'),
    authenticate: z
      .enum(['no', 'offer', 'require'])
      .default('no')
      .describe(
        'Keys for NTP, one for each device: offer gives them to devices, require has members and sweeps ask with them.',
      ),
    key: z
      .strictObject({
        file: filePath.describe('In the format of ntp.keys; relative to fleet.yaml.'),
        id: z.int().min(1).max(65_535).describe('The number of the key in that file.'),
      })
      .optional()
      .describe('The symmetric key that requests to devices and their replies are signed with.'),
    slo: z
      .strictObject({
        within_ms: z.number().positive().default(5).describe('How close to UTC, in milliseconds.'),
        percent: z
          .number()
          .min(50)
          .max(99.999)
          .default(99.9)
          .describe('For what share of the time.'),
        days: z.int().min(1).max(31).default(30).describe('Over how long that is counted.'),
      })
      .prefault({})
      .describe('The objective for each server: so close to UTC for this share of the time.'),
  })
  .prefault({})
  .describe('What clocks are compared with, and how close they are to be.')

export type ClockSettings = z.output<typeof clockSettings>
/** How close to UTC each server is to be, and for what share of the time. */
export type SloSettings = ClockSettings['slo']
