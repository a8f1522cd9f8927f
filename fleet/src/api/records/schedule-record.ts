/** The record of `schedules`. */
import { z } from 'zod'
import { scheduleNames } from '../../core/schedules/schedule.ts'
import { unixMs } from './parts.ts'

export const schedule = z
  .strictObject({
    type: z.literal('schedule'),
    name: z.enum(scheduleNames),
    cron: z.string(),
    zone: z.string().describe('IANA time zone.'),
    last: z
      .strictObject({
        started_unix_ms: unixMs,
        ended_unix_ms: unixMs,
        outcome: z.enum(['good', 'failed', 'interrupted']),
        message: z.string(),
      })
      .nullable()
      .describe('The last run; null: it never ran.'),
    last_good_unix_ms: unixMs.nullable().describe('Of the last run that was good; null: none was.'),
    next_unix_ms: unixMs.nullable().describe('In the past: it is due. null: never again.'),
  })
  .describe('What the controller does by itself (schedules).')

export type ScheduleRecord = z.output<typeof schedule>
