/** Instants and spans of a rollout, as people read them. */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `48 s`, `12 min 04 s`, `3 h 05 min`, `2 d 4 h`; what is below 0 is 0. */
export function formatSpan(ms: number): string {
  const whole = Math.max(0, Math.round(ms / second)) * second
  if (whole < minute) return `${whole / second} s`
  if (whole < hour)
    return `${Math.floor(whole / minute)} min ${twoDigits((whole % minute) / second)} s`
  if (whole < day) return `${Math.floor(whole / hour)} h ${twoDigits((whole % hour) / minute)} min`
  return `${Math.floor(whole / day)} d ${Math.floor((whole % day) / hour)} h`
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}

/** `2026-11-23 22:14:05Z` */
export function formatInstant(unixMs: number): string {
  const text = Temporal.Instant.fromEpochMilliseconds(unixMs).toString({ smallestUnit: 'second' })
  return text.replace('T', ' ')
}
