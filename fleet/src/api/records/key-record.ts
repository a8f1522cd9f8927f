/** The record of `keys list` and `keys rotate`. */
import { z } from 'zod'
import { device, unknownNumber, unknownText } from './parts.ts'

export const key = z
  .strictObject({
    type: z.literal('key'),
    device,
    status: z
      .enum(['idle', 'both', 'ended', 'rotated', 'failed'])
      .describe(
        'idle: one key; both: the old and the new one are valid; ended: the old one is still to be seen refused; rotated: it was; failed: nothing is lost.',
      ),
    fingerprint: unknownText.describe('Of the newest key; null: it cannot be decrypted here.'),
    set_at_unix_ms: unknownNumber.describe('When the newest key was made; null: unknown.'),
    shared_by: z.number().describe('How many devices have this key.'),
    overlap_left_seconds: unknownNumber.describe('Until the old key may go; null: unknown.'),
    code: unknownText,
    message: unknownText,
  })
  .describe('The key of a device, without the key (keys list, rotate).')

export type KeyRecord = z.output<typeof key>
