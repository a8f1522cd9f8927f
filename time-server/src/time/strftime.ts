/** strftime(3) in the C locale. Pure. `%N` is GNU date's nanoseconds, `%f` Python's microseconds. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Abbreviations } from './tzif.ts'

const maxFormatLength = 256
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

type Time = Temporal.ZonedDateTime
type Writer = (time: Time) => string

const two = (value: number, fill = '0'): string => String(value).padStart(2, fill)
const hour12 = (time: Time): number => ((time.hour + 11) % 12) + 1
const monthName = (time: Time): string => months[time.month - 1] ?? ''
const dayName = (time: Time): string => days[time.dayOfWeek - 1] ?? ''
const nanoseconds = (time: Time): string =>
  String(time.millisecond * 1_000_000 + time.microsecond * 1000 + time.nanosecond).padStart(9, '0')
/** Without its seconds, which zones had before railways, as date(1) writes it. */
const offset = (time: Time): string =>
  time.offset === 'Z' ? '+00:00' : time.offset.slice(0, '+00:00'.length)
/** Week of the year; week 1 begins on its first Sunday (`firstDay` 0) or Monday (1). */
const week = (time: Time, firstDay: 0 | 1): string => {
  const weekday = (time.dayOfWeek - firstDay + 7) % 7
  return two(Math.floor((time.dayOfYear - 1 + 7 - weekday) / 7))
}

const writers: Readonly<Record<string, Writer>> = {
  a: (time) => dayName(time).slice(0, 3),
  A: dayName,
  b: (time) => monthName(time).slice(0, 3),
  B: monthName,
  C: (time) => two(Math.floor(time.year / 100)),
  d: (time) => two(time.day),
  e: (time) => two(time.day, ' '),
  f: (time) => nanoseconds(time).slice(0, 6),
  g: (time) => two((time.yearOfWeek ?? time.year) % 100),
  G: (time) => String(time.yearOfWeek ?? time.year).padStart(4, '0'),
  h: (time) => monthName(time).slice(0, 3),
  H: (time) => two(time.hour),
  I: (time) => two(hour12(time)),
  j: (time) => String(time.dayOfYear).padStart(3, '0'),
  k: (time) => two(time.hour, ' '),
  l: (time) => two(hour12(time), ' '),
  m: (time) => two(time.month),
  M: (time) => two(time.minute),
  n: () => '\n',
  N: nanoseconds,
  p: (time) => (time.hour < 12 ? 'AM' : 'PM'),
  P: (time) => (time.hour < 12 ? 'am' : 'pm'),
  s: (time) => String(Math.floor(time.epochMilliseconds / 1000)),
  S: (time) => two(time.second),
  t: () => '\t',
  u: (time) => String(time.dayOfWeek),
  U: (time) => week(time, 0),
  V: (time) => two(time.weekOfYear ?? 0),
  w: (time) => String(time.dayOfWeek % 7),
  W: (time) => week(time, 1),
  y: (time) => two(time.year % 100),
  Y: (time) => String(time.year),
  z: (time) => offset(time).replaceAll(':', ''),
  ':z': offset,
  '%': () => '%',
}

const compounds: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
}

/**
 * Fails with a sentence when the format is too long or has a conversion that is not known. `%Z` is
 * `abbreviation`'s. However often a conversion stands there, it is written once.
 */
export function strftime(
  format: string,
  time: Time,
  abbreviation: Abbreviations,
): Result<string, string> {
  if (format.length > maxFormatLength) {
    return fail(`the format has more than ${maxFormatLength} characters`)
  }
  const written = new Map<string, string | null>([['%Z', abbreviationOf(time, abbreviation)]])
  const unknown = new Set<string>()
  const expanded = format.replaceAll(/%([cDFrRTxX%])/g, (whole, name: string) =>
    name === '%' ? whole : (compounds[name] ?? whole),
  )
  const text = expanded.replaceAll(/%(?:[1-9]N|:z|.|$)/gsu, (whole) => {
    const former = written.get(whole)
    const found = former === undefined ? write(whole.slice(1), time) : former
    written.set(whole, found)
    if (found === null) unknown.add(whole)
    return found ?? ''
  })
  if (unknown.size === 0) return ok(text)
  return fail(`the format has conversions that are not known: ${[...unknown].join(', ')}`)
}

function write(name: string, time: Time): string | null {
  if (/^[1-9]N$/.test(name)) return nanoseconds(time).slice(0, Number(name[0]))
  return Object.hasOwn(writers, name) ? (writers[name]?.(time) ?? null) : null
}

function abbreviationOf(time: Time, abbreviation: Abbreviations): string {
  return abbreviation(Math.floor(time.epochMilliseconds / 1000), time.offsetNanoseconds / 1e9)
}
