/** The record of `secrets lint`. */
import { z } from 'zod'
import { unknownText } from './parts.ts'

export const plaintext = z
  .strictObject({
    type: z.literal('plaintext'),
    commit: unknownText.describe('That added it; null: the file as it is now.'),
    path: z.string(),
    line: z.number(),
    what: z.string().describe('Which secret, or what it looks like; never the value.'),
  })
  .describe('A secret that stands in clear in the repository (secrets lint).')
