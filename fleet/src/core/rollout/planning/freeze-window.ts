/**
 * Freeze windows as people write them, with a time zone at the end: `Fri 16:00 - Mon 08:00
 * Europe/Berlin`, `Sat - Sun UTC`, `22:00 - 06:00 UTC`, `2026-12-24 - 2027-01-02 Europe/Berlin`.
 * A day without a time of day is a whole one.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'

/** One interval of wall time, which may come again. */
export interface FreezeWindow {
  /** As written. */
  readonly text: string
  /** IANA name. */
  readonly zone: string
  readonly start: Temporal.PlainDateTime
  /** After `start`; the window is open there already. */
  readonly end: Temporal.PlainDateTime
  /** `null`: it comes once. */
  readonly everyDays: 1 | 7 | null
}

const example = 'such as "Fri 16:00 - Mon 08:00 Europe/Berlin"'

/** The failure is a phrase for people. */
export function parseFreezeWindow(text: string): Result<FreezeWindow, string> {
  const match = /^\s*(\S.{0,31}?)\s+[-–]\s+(\S.{0,31}?)\s+([A-Za-z][\w+/-]{1,63})\s*$/.exec(text)
  if (match === null) return fail(`a window with a time zone is wanted, ${example}`)
  const [, first = '', second = '', zone = ''] = match
  if (attempt(() => new Temporal.ZonedDateTime(0n, zone)) === null) {
    return fail(`${zone} is no time zone; Europe/Berlin and UTC are some`)
  }
  const [from, to] = [parseEdge(first), parseEdge(second)]
  if (from === null || to === null) {
    const unknown = from === null ? first : second
    return fail(`${unknown} is no day, time or date; a window is wanted, ${example}`)
  }
  const interval = intervalOf(from, to)
  return interval.ok ? ok({ text: text.trim(), zone, ...interval.value }) : interval
}

function intervalOf(
  { start, everyDays }: Edge,
  to: Edge,
): Result<Pick<FreezeWindow, 'start' | 'end' | 'everyDays'>, string> {
  if (everyDays !== to.everyDays) {
    return fail('both ends must be days of the week, or times of day, or dates')
  }
  if (start.equals(to.end)) return fail('it ends when it begins')
  if (isBefore(start, to.end)) return ok({ start, end: to.end, everyDays })
  if (everyDays === null) return fail('it ends before it begins')
  return ok({ start, end: to.end.add({ days: everyDays }), everyDays })
}

function isBefore(one: Temporal.PlainDateTime, other: Temporal.PlainDateTime): boolean {
  return Temporal.PlainDateTime.compare(one, other) < 0
}

/** What one side of the dash can mean as the beginning and as the end of a window. */
interface Edge {
  readonly start: Temporal.PlainDateTime
  readonly end: Temporal.PlainDateTime
  readonly everyDays: FreezeWindow['everyDays']
}

/** `Fri`, `Fri 16:00`, `16:00`, `2026-12-24`, `2026-12-24 16:00`. */
function parseEdge(text: string): Edge | null {
  const words = text.split(/\s+/)
  const [first = '', second] = words
  if (words.length > 2) return null
  if (second === undefined && first.includes(':')) return edgeAt(anyMonday, 1, parseTime(first))
  const weekday = /^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?$/i.test(first)
  const date = weekday
    ? anyMonday.add({ days: weekdays.indexOf(first.slice(0, 3).toLowerCase()) })
    : parseDate(first)
  const everyDays = weekday ? 7 : null
  if (date === null) return null
  if (second !== undefined) return edgeAt(date, everyDays, parseTime(second))
  const start = date.toPlainDateTime()
  return { start, end: start.add({ days: 1 }), everyDays }
}

const anyMonday = Temporal.PlainDate.from('2024-01-01')
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

function edgeAt(
  date: Temporal.PlainDate,
  everyDays: Edge['everyDays'],
  time: Temporal.PlainTime | null,
): Edge | null {
  if (time === null) return null
  const at = date.toPlainDateTime(time)
  return { start: at, end: at, everyDays }
}

function parseDate(text: string): Temporal.PlainDate | null {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? attempt(() => Temporal.PlainDate.from(text)) : null
}

function parseTime(text: string): Temporal.PlainTime | null {
  return /^\d{2}:\d{2}$/.test(text) ? attempt(() => Temporal.PlainTime.from(text)) : null
}

/** Temporal throws for what does not exist, such as 24:30 or the 30th of February. */
function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

/**
 * Until when a window is closed that is closed at `now`; `null`: it is open. Where clocks are set,
 * the window is the longer one of those that can be meant.
 */
export function closedUntil(window: FreezeWindow, now: Temporal.Instant): Temporal.Instant | null {
  const { start, end, everyDays, zone } = window
  const days = start.until(now.toZonedDateTimeISO(zone).toPlainDateTime(), {
    largestUnit: 'days',
  }).days
  const period = everyDays ?? 0
  const newest = everyDays === null ? 0 : Math.floor(days / everyDays)
  const shifts = everyDays === null ? [0] : [newest - 1, newest, newest + 1]
  const closed = shifts.flatMap((shift) => {
    const shifted = { days: shift * period }
    const from = start.add(shifted).toZonedDateTime(zone, { disambiguation: 'earlier' }).toInstant()
    const to = end.add(shifted).toZonedDateTime(zone, { disambiguation: 'later' }).toInstant()
    return isWithin(now, from, to) ? [to] : []
  })
  return closed.at(-1) ?? null
}

function isWithin(now: Temporal.Instant, from: Temporal.Instant, to: Temporal.Instant): boolean {
  return Temporal.Instant.compare(from, now) <= 0 && Temporal.Instant.compare(now, to) < 0
}
