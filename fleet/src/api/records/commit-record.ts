/** The record of `commits`. */
import { z } from 'zod'
import { unixMs } from './parts.ts'

export const commit = z
  .strictObject({
    type: z.literal('commit'),
    id: z.string(),
    author: z.string(),
    subject: z.string(),
    at_unix_ms: unixMs,
    state: z
      .enum(['running', 'pending', 'moving', 'refused', 'taken_back'])
      .describe('running: the fleet is as it says; pending: it waits; moving: it is rolled out.'),
    why: z.string().describe('Why it waits, or is not taken; empty: for an approval.'),
    plan: z.string().nullable().describe('Hash of what it would change; null: not known.'),
    fetched_unix_ms: unixMs.nullable().describe('When the remote last answered; null: never.'),
    trouble: z.string().nullable().describe('Why it does not answer now; null: it does.'),
  })
  .describe('A commit that the fleet comes from (commits).')

export type CommitRecord = z.output<typeof commit>
