/** The records of `enroll`. */
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

export const account = z
  .strictObject({
    type: z.literal('account'),
    device,
    user: z.string().describe('Its name on the device.'),
    status: z.enum(['installed', 'failed']).describe('failed: message says why.'),
    message: unknownText,
  })
  .describe('The account that may only apply, on a device (enroll, with ssh.account).')

export type AccountRecord = z.output<typeof account>
export type EnrolledRecord = z.output<typeof enrolled>
