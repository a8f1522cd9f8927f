/** The record of `image check`. */
import { z } from 'zod'
import { imageChecks } from '../../core/health/image-check.ts'

export const imageCheck = z
  .strictObject({
    type: z.literal('image_check'),
    image: z.string(),
    check: z.enum(imageChecks),
    state: z.enum(['kept', 'broken', 'unknown']),
    message: z.string().describe('Why; empty where there is nothing to say.'),
  })
  .describe('One promise of the device contract, as a trial of an image showed it.')
