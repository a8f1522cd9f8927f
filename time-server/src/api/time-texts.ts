/**
 * The answers that are asked most, written as JSON at once: the objects of `time-answers.ts` and
 * `JSON.stringify` would take most of the time of a request. Pure; a test holds them to the objects.
 */
import type { ClockAnswer } from './schemas.ts'
import { calendarDay, unixAnswer, utcText } from './time-answers.ts'

/** The text of `clock`, of which only the bound changes between two looks. */
export function clockWriter(clock: ClockAnswer): (uncertaintyMs: number | null) => string {
  const { state, uncertainty_ms: _, ...rest } = clock
  const head = `{"state":"${state}","uncertainty_ms":`
  const tail = JSON.stringify(rest).replace('{', ',')
  return (uncertaintyMs) => `${head}${uncertaintyMs}${tail}`
}

/** `/api/unix`; `clock` is JSON. */
export function unixText(epochNanoseconds: bigint, clock: string): string {
  const unix = unixAnswer(epochNanoseconds)
  return `{${unixFields(unix)},"clock":${clock}}\n`
}

/** `/api/time`; `clock` is JSON. */
export function timeText(epochNanoseconds: bigint, clock: string): string {
  const unix = unixAnswer(epochNanoseconds)
  const utc = utcText(unix.unix_seconds, unix.nanoseconds)
  const local = `${utc.slice(0, -1)}+00:00`
  return `{"utc":"${utc}",${unixFields(unix)},"timezone":"UTC","local":"${local}","offset_seconds":0,${dayFields(unix.unix_seconds)},"clock":${clock}}\n`
}

function unixFields(unix: ReturnType<typeof unixAnswer>): string {
  return `"unix_seconds":${unix.unix_seconds},"nanoseconds":${unix.nanoseconds},"unix_nanoseconds":"${unix.unix_nanoseconds}"`
}

let latestDay: { readonly number: number; readonly text: string } | null = null

/** Remembers one day. */
function dayFields(unixSeconds: number): string {
  const number = Math.floor(unixSeconds / 86_400)
  if (latestDay?.number !== number) {
    latestDay = { number, text: JSON.stringify(calendarDay(number)).slice(1, -1) }
  }
  return latestDay.text
}
