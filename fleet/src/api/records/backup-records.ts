/** Records of `backup`. */
import { z } from 'zod'
import { list, unixMs, unknownNumber } from './parts.ts'

const subject = z.string().describe('A device, or "controller".')
const failure = z
  .strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() })
  .nullable()

export const backup = z
  .strictObject({
    type: z.literal('backup'),
    device: subject,
    id: z.string().nullable().describe('null: there is none.'),
    taken_at_unix_ms: unixMs.nullable().describe('null: there is none.'),
    bytes: unknownNumber.describe('Of the archive; null: the store does not tell.'),
    files: unknownNumber.describe('null: it was not opened.'),
    failure: failure.describe('Why there is none, or what is wrong with it.'),
  })
  .describe('A backup (backup run, list, verify).')

export const backupBoot = z
  .strictObject({
    type: z.literal('backup_boot'),
    device: z.string(),
    host: z.string().describe('The device on which it was booted.'),
    seconds: z.number().describe('From the start of its container to good time.'),
    version: z.string().nullable().describe('Of the time server; null: it does not say.'),
    stratum: z.number(),
    offset_seconds: z.number().describe('Of its time to the clock of the controller.'),
    error_seconds: z.number(),
  })
  .describe('A backup that was booted (backup drill --boot-on).')

export const backupFile = z
  .strictObject({
    type: z.literal('backup_file'),
    path: z.string(),
    mode: z.string().describe('Octal.'),
    bytes: z.number(),
    sha256: z.string(),
  })
  .describe('A file of a backup (backup show).')

export const backupChange = z
  .strictObject({
    type: z.literal('backup_change'),
    path: z.string(),
    change: z.enum(['added', 'removed', 'changed', 'mode']),
  })
  .describe('What differs between two backups (backup diff).')

export const backupLeftOut = z
  .strictObject({
    type: z.literal('backup_left_out'),
    what: z.string(),
    how_back: z.string(),
  })
  .describe('What a backup does not have, and how to get it back.')

export const backupPruned = z
  .strictObject({ type: z.literal('backup_pruned'), removed: list(z.string()), kept: z.number() })
  .describe('Which backups were removed (backup prune).')
