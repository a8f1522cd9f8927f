/** Durations as people write them in `fleet.yaml`: `90s`, `10m`, `2h`, `500ms`, `7d`. */
import { z } from 'zod'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds; `null` when the text is not a duration. */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim())
  const unit = match?.[2]
  if (match?.[1] === undefined || !isUnit(unit)) return null
  return Number(match[1]) * unitMs[unit]
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && Object.hasOwn(unitMs, text)
}

/** A whole number of the largest unit that gives one, such as `90s`; at least 1 ms. */
export function formatDuration(ms: number): string {
  const whole = Math.max(1, Math.round(ms))
  const units = Object.entries(unitMs).toReversed()
  const [unit, size] = units.find(([, each]) => whole % each === 0) ?? ['ms', 1]
  return `${whole / size}${unit}`
}

/** A duration between two bounds (ms), read from text such as `120s`. */
export function durationMs(minMs: number, maxMs: number): z.ZodType<number, string> {
  return z
    .string('a duration such as 90s, 10m or 2h is wanted')
    .transform((text, context) => {
      const ms = parseDurationMs(text)
      if (ms !== null) return ms
      context.addIssue({ code: 'custom', message: 'a duration such as 90s, 10m or 2h is wanted' })
      return z.NEVER
    })
    .pipe(
      z
        .number()
        .min(minMs, `at least ${minMs === 0 ? '0s' : formatDuration(minMs)}`)
        .max(maxMs, `at most ${formatDuration(maxMs)}`),
    )
}
