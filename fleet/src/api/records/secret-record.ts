/** The records of `secrets`. */
import { z } from 'zod'
import { device, unknownNumber, unknownText } from './parts.ts'

export const secret = z
  .strictObject({
    type: z.literal('secret'),
    device: device.nullable().describe('null: of every device that has none of its own.'),
    name: z.string(),
    set_at_unix_ms: unknownNumber.describe('null: the store does not know.'),
    fingerprint: unknownText.describe('Tells values apart; null: it cannot be decrypted here.'),
    message: z
      .enum(['kept', 'set', 'same', 'replaced', 'removed', 'failed'])
      .describe('What was done with it; kept: nothing.'),
  })
  .describe('A secret, without its value (secrets list, set, get, remove, import).')

export type SecretRecord = z.output<typeof secret>
