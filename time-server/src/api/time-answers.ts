/** Writes times as the API tells them. Pure. */
import type { Observation } from '../observe.ts'
import { judgeSync } from '../sync.ts'
import type { Uncertainty } from '../time/uncertainty.ts'
import type { ClockAnswer, TimeAnswer, UncertaintyAnswer } from './schemas.ts'

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

export function clockAnswer(observation: Observation, uncertainty: Uncertainty): ClockAnswer {
  const { state, boundMs, reason } = uncertainty
  const base = { state, uncertainty_ms: boundMs, reason }
  if (!observation.daemon.ok) return { ...base, source: null, leap: null }
  const { kind: daemon, system } = observation.daemon.value
  const address = judgeSync(observation.daemon.value).selected?.address ?? null
  const { stratum, refid, leap } = system
  return { ...base, source: { daemon, stratum, refid, address }, leap }
}

/** Milliseconds in whole microseconds: a bound that is told is never below the one that is known. */
export function roundedUp(ms: number): number {
  return Math.ceil(ms * 1000) / 1000
}

/** Seconds are rounded down, so that the nanoseconds are never negative, before 1970 too. */
export function unixAnswer(microseconds: number): {
  readonly unix_seconds: number
  readonly nanoseconds: number
  readonly unix_nanoseconds: string
} {
  const seconds = Math.floor(microseconds / 1e6)
  return {
    unix_seconds: seconds,
    nanoseconds: (microseconds - seconds * 1e6) * 1000,
    unix_nanoseconds: microseconds === 0 ? '0' : inOnePiece(`${microseconds}000`),
  }
}

/**
 * The time in UTC: what `timeAnswer` says of that zone, in a tenth of the time, because most of it is
 * the same all day or all second long. A test holds the two together.
 */
export function utcAnswer(microseconds: number, clock: ClockAnswer): TimeAnswer {
  const { unix_seconds, nanoseconds, unix_nanoseconds } = unixAnswer(microseconds)
  const { weekday, day_of_year, iso_week } = calendarDay(Math.floor(unix_seconds / 86_400))
  const text = utcText(unix_seconds, nanoseconds)
  return {
    utc: inOnePiece(`${text}Z`),
    unix_seconds,
    nanoseconds,
    unix_nanoseconds,
    timezone: 'UTC',
    local: inOnePiece(`${text}+00:00`),
    offset_seconds: 0,
    weekday,
    day_of_year,
    iso_week,
    clock,
  }
}

export function timeAnswer(time: Temporal.ZonedDateTime, clock: ClockAnswer): TimeAnswer {
  const unix = unixAnswer(Number(time.epochNanoseconds / 1000n))
  return {
    utc: `${utcText(unix.unix_seconds, unix.nanoseconds)}Z`,
    ...unix,
    timezone: time.timeZoneId,
    local: time.toString({ timeZoneName: 'never', fractionalSecondDigits: 9 }),
    offset_seconds: time.offsetNanoseconds / 1e9,
    weekday: days[time.dayOfWeek - 1] ?? '',
    day_of_year: time.dayOfYear,
    iso_week: isoWeek(time),
    clock,
  }
}

type CalendarDay = Pick<TimeAnswer, 'weekday' | 'day_of_year' | 'iso_week'>

let latestDay: { readonly number: number; readonly day: CalendarDay } | null = null

/** `number` counts from 1970. Remembers one day. */
function calendarDay(number: number): CalendarDay {
  if (latestDay?.number !== number) {
    const date = new Temporal.PlainDate(1970, 1, 1).add({ days: number })
    const weekday = days[date.dayOfWeek - 1] ?? ''
    latestDay = {
      number,
      day: { weekday, day_of_year: date.dayOfYear, iso_week: isoWeek(date) },
    }
  }
  return latestDay.day
}

function isoWeek(date: Temporal.PlainDate | Temporal.ZonedDateTime): string {
  return `${date.yearOfWeek ?? date.year}-W${String(date.weekOfYear ?? 0).padStart(2, '0')}`
}

const caveat =
  'By the word of the selected source. That the source itself is right can only be measured from outside.'

export function uncertaintyAnswer(
  instant: Temporal.Instant,
  uncertainty: Uncertainty,
): UncertaintyAnswer {
  const { state, boundMs, reason, halfRootDelayMs, rootDispersionMs, agingMs } = uncertainty
  const around = (sign: 1 | -1): string | null =>
    boundMs === null
      ? null
      : instantText(instant.add({ nanoseconds: sign * Math.ceil(Math.min(boundMs, 1e9) * 1e6) }))
  return {
    utc: instantText(instant),
    state,
    uncertainty_ms: boundMs === null ? null : roundedUp(boundMs),
    earliest_utc: around(-1),
    latest_utc: around(1),
    reason,
    half_root_delay_ms: halfRootDelayMs,
    root_dispersion_ms: rootDispersionMs,
    aging_ms: agingMs,
    caveat,
  }
}

/** RFC 3339 with nine digits. */
function instantText(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 9 })
}

/**
 * The same text, which has no small letters. V8 keeps a text that was joined as its parts, and
 * `JSON.stringify` needs twice the time for an object with one of these in it.
 */
function inOnePiece(text: string): string {
  return text.toUpperCase()
}

let latestSecond: { readonly number: number; readonly text: string } | null = null

/** RFC 3339 with nine digits, without the zone; remembers one second. */
function utcText(unixSeconds: number, nanoseconds: number): string {
  if (latestSecond?.number !== unixSeconds) {
    const text = new Date(unixSeconds * 1000).toISOString().slice(0, -'000Z'.length)
    latestSecond = { number: unixSeconds, text }
  }
  return latestSecond.text + String(nanoseconds).padStart(9, '0')
}
