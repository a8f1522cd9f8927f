/** Whether somebody else's server may be asked, by its earlier word (RFC 5905 section 7.4). Pure. */
import type { ClockSample } from './sample.ts'

/** Refusals are remembered so long; then it is asked once more. */
export const refusalMs = 31 * 86_400_000
/** So many samples tell how often it said RATE in a row. */
export const refusalSamples = 16

/** A healthy server is asked no more often than an NTP daemon would at first (ntpd's minpoll 6). */
const leastPauseSeconds = 64

/** Whether an answer of so many seconds ago stands for another one. */
export function mayBeHeld(ageSeconds: number): boolean {
  return ageSeconds < leastPauseSeconds
}

/** After the first RATE; each further one in a row doubles it. */
const firstPauseMs = 64_000
/** The longest poll interval of NTP is 2^17 s (RFC 5905, MAXPOLL). */
const longestPauseMs = 2 ** 17 * 1000

/** Why it is not asked now. */
export interface Refusal {
  readonly code: string
  /** What happened and what to do, for people. */
  readonly detail: string
}

/**
 * `history`: what it answered, oldest first; sweeps that did not ask it have no place in it.
 * `null`: it may be asked.
 */
export function refusalOf(history: readonly ClockSample[], nowUnixMs: number): Refusal | null {
  const last = history.at(-1)
  if (last === undefined || last.kiss === null) return null
  const { kiss: code, atUnixMs } = last
  if (code === 'DENY' || code === 'RSTR') {
    if (nowUnixMs - atUnixMs > refusalMs) return null
    const day = utcDay(atUnixMs)
    const detail = `it refused this machine (${code}) on ${day} and is no longer asked: take it out of clock.references, or name another server`
    return { code, detail }
  }
  if (code !== 'RATE') return null
  const inRow = history.length - 1 - history.findLastIndex(({ kiss }) => kiss !== 'RATE')
  const pauseMs = Math.min(firstPauseMs * 2 ** (inRow - 1), longestPauseMs)
  const leftMs = atUnixMs + pauseMs - nowUnixMs
  // A clock that was set back since must not make the pause longer than it is.
  if (leftMs <= 0 || leftMs > pauseMs) return null
  const seconds = Math.ceil(leftMs / 1000)
  const detail = `it was asked too often (RATE) and is asked again in ${seconds} s: ask less often, or name another server in clock.references`
  return { code, detail }
}

function utcDay(unixMs: number): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(Math.trunc(unixMs))
  return instant.toZonedDateTimeISO('UTC').toPlainDate().toString()
}
