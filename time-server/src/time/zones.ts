/** Time zones of the IANA database, and what a wall clock in one says in another. Pure but for the database. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'

const maxZoneLength = 64
const maxSuggestions = 5

/** Names in alphabetical order, `UTC` first. */
export const timezones: readonly string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC'),
]

/** `instant` on the wall clocks of `zone`: an IANA name in any case, or an offset such as `+02:00`. */
export function inZone(
  instant: Temporal.Instant,
  zone: string,
): Result<Temporal.ZonedDateTime, string> {
  if (zone.length > maxZoneLength) return fail('the name of the time zone is too long')
  try {
    return ok(instant.toZonedDateTimeISO(zone))
  } catch {
    return fail(`unknown time zone "${printable(zone)}"${suggestion(zone)}`)
  }
}

/** What was converted. `ambiguity` says whether the source's wall clock showed it once. */
export interface Conversion {
  readonly source: Temporal.ZonedDateTime
  readonly target: Temporal.ZonedDateTime
  /** `gap`: clocks skipped it, read as if they had not; `fold`: they showed it twice, the first is meant. */
  readonly ambiguity: 'none' | 'gap' | 'fold'
}

/** A wall clock time and the zones that it is taken from and to. */
export interface ConversionRequest {
  /** `2026-03-29T02:30`, with `Z` or an offset an instant; `14:30` is today in the source's zone. */
  readonly time: string
  readonly from: string
  readonly to: string
}

/** Fails with a sentence about what cannot be read. `now` gives the date to a time without one. */
export function convert(
  request: ConversionRequest,
  now: Temporal.Instant,
): Result<Conversion, string> {
  const today = inZone(now, request.from)
  if (!today.ok) return today
  const source = readTime(request.time.trim(), today.value)
  if (!source.ok) return source
  const target = inZone(source.value.time.toInstant(), request.to)
  if (!target.ok) return target
  const { time, ambiguity } = source.value
  return ok({ source: time, target: target.value, ambiguity })
}

interface Read {
  readonly time: Temporal.ZonedDateTime
  readonly ambiguity: Conversion['ambiguity']
}

const wallClock = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?$/
const timeOnly = /^\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?$/
const withOffset = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i

function readTime(text: string, today: Temporal.ZonedDateTime): Result<Read, string> {
  const zone = today.timeZoneId
  try {
    if (withOffset.test(text)) {
      const time = Temporal.Instant.from(text).toZonedDateTimeISO(zone)
      return ok({ time, ambiguity: 'none' })
    }
    if (timeOnly.test(text)) {
      return ok(resolve(today.toPlainDate().toPlainDateTime(Temporal.PlainTime.from(text)), zone))
    }
    if (wallClock.test(text)) return ok(resolve(Temporal.PlainDateTime.from(text), zone))
  } catch {
    // A date such as 2026-02-30: said below.
  }
  return fail(`"${printable(text)}" is not a time such as 14:30 or 2026-03-29T14:30:00`)
}

function resolve(plain: Temporal.PlainDateTime, zone: string): Read {
  const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' })
  const later = plain.toZonedDateTime(zone, { disambiguation: 'later' })
  const time = plain.toZonedDateTime(zone, { disambiguation: 'compatible' })
  if (earlier.epochNanoseconds === later.epochNanoseconds) return { time, ambiguity: 'none' }
  return { time, ambiguity: time.toPlainDateTime().equals(plain) ? 'fold' : 'gap' }
}

function suggestion(zone: string): string {
  const wanted = zone.toLowerCase().replaceAll(' ', '_')
  const last = wanted.split('/').at(-1) ?? wanted
  if (last.length < 3) return ''
  const near = timezones.filter((name) => name.toLowerCase().includes(last))
  const shown = near.slice(0, maxSuggestions).join(', ')
  return shown === '' ? '' : `; known are ${shown}`
}

function printable(text: string): string {
  return text.slice(0, maxZoneLength).replaceAll(/[^ -~]/g, '?')
}
