/** Time zones of the IANA database, and what a wall clock in one says in another. Pure. */
import { nearestFew } from '@timeball/lib/nearest.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'

const maxZoneLength = 64
const maxSuggestions = 5

/** Temporal would take the zone of a whole time, too. */
const zoneName = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/
const offsetName = /^[+-]\d\d(?::?\d\d)?$/

/**
 * `instant` on the wall clocks of `zone`: an IANA name in any case, or an offset such as `+02:00`.
 * `names` are those of which the nearest are told when it is none.
 */
export function inZone(
  instant: Temporal.Instant,
  zone: string,
  names: readonly string[],
): Result<Temporal.ZonedDateTime, string> {
  if (zone.length > maxZoneLength) return fail('the name of the time zone is too long')
  try {
    if (zoneName.test(zone) || offsetName.test(zone)) return ok(instant.toZonedDateTimeISO(zone))
  } catch {
    // A name that Node does not know: said below.
  }
  return fail(`unknown time zone "${printable(zone)}"${suggestion(zone, names)}`)
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

/**
 * Fails with a sentence about what cannot be read. `now` gives the date to a time without one; `names`
 * as in `inZone`.
 */
export function convert(
  request: ConversionRequest,
  now: Temporal.Instant,
  names: readonly string[],
): Result<Conversion, string> {
  const today = inZone(now, request.from, names)
  if (!today.ok) return today
  const source = readTime(request.time.trim(), today.value)
  if (!source.ok) return source
  const target = inZone(source.value.time.toInstant(), request.to, names)
  if (!target.ok) return target
  const { time, ambiguity } = source.value
  const outside = [time, target.value].find(({ year }) => year < 0 || year > 9999)
  if (outside !== undefined) {
    return fail(
      `the year ${outside.year} of ${outside.timeZoneId} cannot be written (RFC 3339: 0000 to 9999)`,
    )
  }
  return ok({ source: time, target: target.value, ambiguity })
}

interface Read {
  readonly time: Temporal.ZonedDateTime
  readonly ambiguity: Conversion['ambiguity']
}

const wallClock = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?$/
const timeOnly = /^\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?$/
const withOffset = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i

/** Temporal would silently read it as the second before. */
const leapSecond = /:\d\d:60(?:\D|$)/

function readTime(text: string, today: Temporal.ZonedDateTime): Result<Read, string> {
  const zone = today.timeZoneId
  if (leapSecond.test(text)) {
    return fail(
      `"${printable(text)}" is a leap second, which no clock of a time zone counts: take the second before, or the one after`,
    )
  }
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

/** Those with its last part in them, or else those that are spelt like it. */
function suggestion(zone: string, names: readonly string[]): string {
  const wanted = zone.toLowerCase().replaceAll(' ', '_')
  const last = wanted.split('/').at(-1) ?? wanted
  const near = last.length < 3 ? [] : names.filter((name) => name.toLowerCase().includes(last))
  const found = near.length > 0 ? near : spelledLike(wanted, last, names)
  const shown = found.slice(0, maxSuggestions).join(', ')
  return shown === '' ? '' : `; known are ${shown}`
}

function spelledLike(wanted: string, last: string, names: readonly string[]): string[] {
  const places = new Map(names.map((name) => [name.split('/').at(-1) ?? name, name]))
  const byPlace = nearestFew(last, places.keys(), maxSuggestions)
  return [
    ...new Set([
      ...nearestFew(wanted, names, maxSuggestions),
      ...byPlace.flatMap((place) => places.get(place) ?? []),
    ]),
  ]
}

function printable(text: string): string {
  return text.slice(0, maxZoneLength).replaceAll(/[^ -~]/g, '?')
}
