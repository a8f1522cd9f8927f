/** What is kept of sweeps for whoever looks back: the older, the coarser. */
import type { ClockSample } from './sample.ts'

/** From the finest to the coarsest. */
export const steps = ['raw', 'minute', 'hour'] as const
export type Step = (typeof steps)[number]

const day = 86_400_000

/** How long points of a step are kept, and how long is the time for which one stands; 0: a sweep. */
export const stepBounds: Readonly<
  Record<Step, { readonly keptMs: number; readonly lengthMs: number }>
> = {
  raw: { keptMs: day, lengthMs: 0 },
  minute: { keptMs: 31 * day, lengthMs: 60_000 },
  hour: { keptMs: 731 * day, lengthMs: 3_600_000 },
}

/** One sweep, or several together. Seconds; `null`: in none of them it was measured. */
export interface ClockPoint {
  readonly atUnixMs: number
  readonly sweeps: number
  /** In so many of them it was a truechimer. */
  readonly good: number
  /** The mean. */
  readonly offsetSeconds: number | null
  readonly offsetMinSeconds: number | null
  readonly offsetMaxSeconds: number | null
  /** The largest. */
  readonly errorSeconds: number | null
}

/** When the point begins to which a sweep belongs. */
export function pointAt(atUnixMs: number, step: Step): number {
  const { lengthMs } = stepBounds[step]
  return lengthMs === 0 ? atUnixMs : atUnixMs - (atUnixMs % lengthMs)
}

export interface Span {
  readonly sinceUnixMs: number
  readonly untilUnixMs: number
}

/** The finest step that reaches so far and has no more than `most` points in that time. */
export function chooseStep(
  { sinceUnixMs, untilUnixMs }: Span,
  most: number,
  nowUnixMs: number,
): Step {
  const fits = (step: Step): boolean => {
    const { keptMs, lengthMs } = stepBounds[step]
    // Sweeps are at least 5 seconds apart.
    const points = (untilUnixMs - sinceUnixMs) / Math.max(lengthMs, 5_000)
    return nowUnixMs - sinceUnixMs <= keptMs && points <= most
  }
  return steps.find(fits) ?? 'hour'
}

/** What a point is made of, of one sweep. */
export function isGoodSample({ verdict }: Pick<ClockSample, 'verdict'>): boolean {
  return verdict === 'truechimer'
}
