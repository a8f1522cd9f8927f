/** The rules about leap seconds. */
import { warn, bad, type FaultFinding, type FaultInput } from './fault-input.ts'
import { leapText } from './leap.ts'

/** One dissenter among many is wrong; without a majority somebody is, and nobody knows who. */
export function leapRule({ server, leap }: FaultInput): FaultFinding {
  const { result, sent } = server.swept
  if (!result.ok || sent === 0) return null
  const said = result.value.leap
  if (leap === null) return warn(`leap flag ${said}: the servers do not agree about it`)
  if (said === leap) return null
  return bad(`leap flag differs: announces ${leapText(said)}, the others ${leapText(leap)}`)
}

/** Servers announce during the last day (RFC 5905 figure 9), some during the whole month. */
const announcedSeconds = 43_200

/** Against the list of leap seconds, or else against the months in which they are inserted. */
export function leapAnnouncementRule({ server, options }: FaultInput): FaultFinding {
  const { result, sent } = server.swept
  if (!result.ok || sent === 0) return null
  const { leap } = result.value
  const { leapNotice, startedUnixMs } = options
  if (leapNotice === null) {
    if (leap === 0 || isLeapMonth(startedUnixMs)) return null
    return bad(`announces ${leapText(leap)}, which is only done in June and December`)
  }
  const { atMonthEnd, secondsToMonthEnd } = leapNotice
  if (leap !== 0 && leap !== atMonthEnd) {
    return bad(`announces ${leapText(leap)}, but the month ends with ${leapText(atMonthEnd)}`)
  }
  if (leap !== 0 || atMonthEnd === 0 || secondsToMonthEnd > announcedSeconds) return null
  return bad(`does not announce that the month ends with ${leapText(atMonthEnd)}`)
}

/** By Unix days, since core has no calendar: 30 June and 31 December end the months meant. */
function isLeapMonth(unixMs: number): boolean {
  const month = Temporal.Instant.fromEpochMilliseconds(Math.trunc(unixMs))
    .toZonedDateTimeISO('UTC')
    .toPlainDate().month
  return month === 6 || month === 12
}
