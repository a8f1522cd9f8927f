/** The record of `enroll`. */
import { z } from 'zod'
import { device, unknownText } from './parts.ts'

export const enrolled = z
  .strictObject({
    type: z.literal('enrolled'),
    device,
    address: z.string(),
    fingerprint: unknownText.describe('Of the host key that it presents; null: none came.'),
    status: z
      .enum(['new', 'pinned', 'refused'])
      .describe('new: for somebody to compare; pinned: it was known; refused: message says why.'),
    message: unknownText,
  })
  .describe('The host key of a device (enroll). What follows is told as by ping.')

export type EnrolledRecord = z.output<typeof enrolled>
