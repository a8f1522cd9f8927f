/** The last record of every command. */
import { z } from 'zod'
import { exitCodes } from '../exit-codes.ts'
import { sweepFields } from './health-records.ts'
import { device, list, names, rolloutId, unknownNumber, unknownText } from './parts.ts'
import { blockedRelease } from './rollout-records.ts'

const exits: ReadonlySet<number> = new Set(Object.values(exitCodes))

/** Why a command did not do its work: on the command line, in a file, or on this machine. */
export const errorSchema = z.strictObject({
  code: z.string().describe('usage, refused, bug, or the name that the system has for it.'),
  message: z.string(),
  hint: unknownText,
  file: unknownText.optional(),
  line: unknownNumber.optional(),
  column: unknownNumber.optional(),
  device: device.nullable().optional(),
})
export type OutputError = z.output<typeof errorSchema>

export const result = z
  .strictObject({
    type: z.literal('result'),
    status: z.enum(['ok', 'partial', 'failed']),
    exit: z
      .number()
      .refine((code) => exits.has(code))
      .describe('The exit code.'),
    errors: list(errorSchema).optional().describe('Why nothing was done, or not all.'),
    fleet: z.string().optional(),
    image: z.string().optional(),
    counts: z.record(z.string(), z.number()).optional().describe('plan: changes and devices.'),
    time_service: z.string().optional().describe('plan: what it does to the clients.'),
    warnings: names.optional(),
    changed: names.optional().describe('apply: devices.'),
    unchanged: names.optional(),
    failed: names.optional().describe('Devices; --limit @failed runs them again.'),
    summary: z.string().optional().describe('health, in a line.'),
    servers: sweepFields.servers.optional().describe('clock'),
    references: sweepFields.references.optional(),
    time: sweepFields.time.optional(),
    took_seconds: sweepFields.took_seconds.optional(),
    rollout: rolloutId.optional(),
    result: unknownText.optional().describe('rollout: how it ended; null: it has not.'),
    rollout_status: z.string().optional(),
    touched: z.number().optional().describe('How many devices were changed.'),
    unreachable: names.optional(),
    asked: z.string().optional().describe('Who runs the rollout, and was asked.'),
    blocked: list(blockedRelease).optional().describe('rollout list'),
    unblocked: blockedRelease.optional(),
    recovery: z
      .strictObject({
        kept_at: z.string().describe('The damaged file.'),
        rollouts: z.number(),
        torn: names.describe('Rollouts that have lost events.'),
        blocked: z.number().describe('Blocked releases that are known.'),
        blocked_again: names.describe('Images that are blocked because nobody knows any more.'),
        lost: names.describe('What cannot be known any more.'),
      })
      .nullable()
      .optional()
      .describe('recover; null: nothing was wrong.'),
    folder: z.string().optional().describe('monitoring'),
    devices: z.number().optional().describe('demo'),
    healthy: z.number().optional(),
    generations: z.record(z.string(), unknownNumber).optional(),
    rollouts: list(
      z.strictObject({ rollout: rolloutId, result: unknownText, touched: z.number() }),
    ).optional(),
  })
  .describe('How the command ended.')

export type ResultFields = Omit<z.output<typeof result>, 'type' | 'status' | 'exit'>
