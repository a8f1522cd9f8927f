/** `schedules:` of `fleet.yaml`. */
import { Cron } from 'croner'
import { z } from 'zod'
import { durationMs } from '../setting-values.ts'
import type { ScheduleName } from './schedule.ts'

const hour = 3_600_000

const cronWanted = 'five fields such as "30 2 * * *" are wanted'
const cron = z
  .string(cronWanted)
  .refine(
    (text) => isTaken(() => new Cron(text, { paused: true, mode: '5-part' }).nextRun() !== null),
    cronWanted,
  )
  .describe('Minute, hour, day of the month, month, day of the week; also @daily and the like.')

const zone = z
  .string()
  .refine(
    (name) => isTaken(() => new Temporal.ZonedDateTime(0n, name).timeZoneId !== ''),
    'an IANA time zone is wanted, such as Europe/Berlin',
  )
  .default('UTC')
  .describe('The time zone that cron is meant in.')

/** Both throw for what they do not take. */
function isTaken(test: () => boolean): boolean {
  try {
    return test()
  } catch {
    return false
  }
}

const schedule = z.strictObject({
  cron,
  zone,
  jitter: durationMs(0, 24 * hour)
    .prefault('0s')
    .describe('It begins up to so much later, each time another while.'),
})

const kinds: Readonly<Record<ScheduleName, string>> = {
  drift: 'Asks all devices for everything; one that differs is a failure.',
  backup: 'timeball backup run.',
  verify: 'timeball backup verify --rotate.',
  drill: 'timeball backup drill.',
  keys: 'A key that is older than monitoring.thresholds.key_age is a failure.',
}

function kind(name: ScheduleName) {
  return schedule.optional().describe(kinds[name])
}

export const scheduleSettings = z
  .strictObject({
    drift: kind('drift'),
    backup: kind('backup'),
    verify: kind('verify'),
    drill: kind('drill'),
    keys: kind('keys'),
  } satisfies Record<ScheduleName, unknown>)
  .prefault({})
  .describe('What timeball serve does by itself, and when.')

export type ScheduleSettings = z.output<typeof scheduleSettings>
