/** The record of `explain`. */
import { z } from 'zod'
import { unknownText } from './parts.ts'

export const explanation = z
  .strictObject({
    type: z.literal('explanation'),
    word: z.string(),
    kind: z.string().describe('Such as "verdict of clock"; a word can have several.'),
    means: z.string(),
    normal: unknownText.describe('What is seen of a fleet that is well.'),
    next: unknownText.describe('What to do.'),
    runbook: unknownText.describe('Of an alert, in Markdown.'),
  })
  .describe('What a word of the output means.')
