/** Durations: as settings have them (`90s`), and as people read them (`12 min 04 s`). */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const unitMs = { ms: 1, s: second, m: minute, h: hour, d: day } as const

/** `90s`, `10m`, `2h`, `500ms`, `7d` in milliseconds; `null` when the text is not a duration. */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim())
  const unit = match?.[2]
  if (match?.[1] === undefined || !isUnit(unit)) return null
  return Number(match[1]) * unitMs[unit]
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && Object.hasOwn(unitMs, text)
}

/** What somebody meant who wrote several units, or none after the first: `1h30` is `90m`; else `null`. */
export function meantDuration(text: string): string | null {
  const [, whole, unit, rest, restUnit] =
    /^(\d{1,6})(s|m|h|d)\s*(\d{1,6})(ms|s|m|h)?$/.exec(text.trim()) ?? []
  if (!isUnit(unit) || whole === undefined || rest === undefined) return null
  const smaller = isUnit(restUnit) ? restUnit : nextUnit[unit]
  if (smaller === undefined || unitMs[smaller] >= unitMs[unit]) return null
  return formatDuration(Number(whole) * unitMs[unit] + Number(rest) * unitMs[smaller])
}

const nextUnit: Readonly<Partial<Record<keyof typeof unitMs, keyof typeof unitMs>>> = {
  d: 'h',
  h: 'm',
  m: 's',
}

/** A whole number of the largest unit that gives one, such as `90s`; at least 1 ms. */
export function formatDuration(ms: number): string {
  const whole = Math.max(1, Math.round(ms))
  const units = Object.entries(unitMs).toReversed()
  const [unit, size] = units.find(([, each]) => whole % each === 0) ?? ['ms', 1]
  return `${whole / size}${unit}`
}

const spans = [
  { size: day, unit: 'd', part: hour, partUnit: 'h', digits: 1 },
  { size: hour, unit: 'h', part: minute, partUnit: 'min', digits: 2 },
  { size: minute, unit: 'min', part: second, partUnit: 's', digits: 2 },
] as const

/** `48 s`, `3 min`, `12 min 04 s`, `3 h 05 min`, `2 d 4 h`; what is below 0 is 0. */
export function formatSpan(ms: number): string {
  const whole = Math.max(0, Math.round(ms / second)) * second
  const span = spans.find(({ size }) => whole >= size)
  if (span === undefined) return `${whole / second} s`
  const { size, unit, part, partUnit, digits } = span
  const rest = Math.floor((whole % size) / part)
  const more = rest === 0 ? '' : ` ${String(rest).padStart(digits, '0')} ${partUnit}`
  return `${Math.floor(whole / size)} ${unit}${more}`
}
