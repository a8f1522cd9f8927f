/** What is kept of each sweep for each server: the material of scores and objectives. */
import { localPrecisionSeconds } from '@timeball/clock/ntp/measurement.ts'
import type { ClockJudgement, ClockVerdict, PreviousSample } from './server.ts'

/** One server in one sweep. Seconds; `null` is "not measured". */
export interface ClockSample {
  readonly server: string
  /** Unix time of the sweep by this machine's clock. */
  readonly atUnixMs: number
  readonly verdict: ClockVerdict
  readonly offsetSeconds: number | null
  readonly errorSeconds: number | null
  readonly delaySeconds: number | null
  readonly stratum: number | null
  readonly rootDispersionSeconds: number | null
  readonly referenceAgeSeconds: number | null
  /** Code of a kiss-o'-death. */
  readonly kiss: string | null
}

/** The oldest samples beyond either bound are dropped when new ones are added. */
export interface Retention {
  readonly maxAgeMs: number
  readonly maxPerServer: number
}

/** A month of one sample a minute. */
export const defaultRetention: Retention = { maxAgeMs: 31 * 86_400_000, maxPerServer: 45_000 }

export function sampleOf(judgement: ClockJudgement, atUnixMs: number): ClockSample {
  const { server, verdict, offsetSeconds, errorSeconds } = judgement
  const { result, kiss } = server.swept
  const measured = result.ok ? result.value : null
  return {
    server: server.name,
    atUnixMs,
    verdict,
    offsetSeconds,
    errorSeconds,
    delaySeconds: measured?.delaySeconds ?? null,
    stratum: measured?.stratum ?? null,
    rootDispersionSeconds: measured?.rootDispersionSeconds ?? null,
    referenceAgeSeconds: measured?.referenceAgeSeconds ?? null,
    kiss,
  }
}

/**
 * Bound on the error of its offset to another server of the same sweep, for which it does not matter
 * how well the fleet's time is known; `null`: not measured.
 */
export function relativeErrorSeconds({ delaySeconds }: ClockSample): number | null {
  return delaySeconds === null ? null : delaySeconds / 2 + localPrecisionSeconds
}

/** The newest sample, as rules about change want it. */
export function previousOf(
  history: readonly ClockSample[],
  nowUnixMs: number,
): PreviousSample | null {
  const last = history.findLast(({ stratum }) => stratum !== null)
  if (last === undefined) return null
  const { stratum, rootDispersionSeconds, referenceAgeSeconds } = last
  const ageSeconds = (nowUnixMs - last.atUnixMs) / 1000
  return { ageSeconds, stratum, rootDispersionSeconds, referenceAgeSeconds }
}
