/** What a list of leap seconds says about the end of the current month. */
import type { LeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import type { LeapNotice } from './leap.ts'

/** `null` when the list has expired by then. */
export function leapNoticeOf(list: LeapSeconds, unixMs: number): LeapNotice | null {
  const endSeconds = monthEndSeconds(unixMs)
  if (list.expiresUnixSeconds < unixMs / 1000) return null
  const index = list.changes.findIndex(({ atUnixSeconds }) => atUnixSeconds === endSeconds)
  const change = list.changes[index]
  const before = list.changes[index - 1]
  const secondsToMonthEnd = endSeconds - unixMs / 1000
  if (change === undefined || before === undefined) return { atMonthEnd: 0, secondsToMonthEnd }
  return { atMonthEnd: change.taiOffset > before.taiOffset ? 1 : 2, secondsToMonthEnd }
}

/** The first instant of the next month, UTC. */
function monthEndSeconds(unixMs: number): number {
  const next = Temporal.Instant.fromEpochMilliseconds(Math.trunc(unixMs))
    .toZonedDateTimeISO('UTC')
    .with({ day: 1 })
    .startOfDay()
    .add({ months: 1 })
  return next.epochMilliseconds / 1000
}
