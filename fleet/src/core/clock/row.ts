/** A judgement with what else is known about the server: what tables, JSON and metrics are made of. */
import { isAlerting } from './hysteresis.ts'
import type { ClockSample } from './sample.ts'
import { scoreOf } from './score.ts'
import type { ClockJudgement } from './server.ts'
import type { Attainment } from './slo.ts'

export interface ClockRow {
  readonly judgement: ClockJudgement
  /** As the server says to its own reference; `null`: it does not say, or was not asked. */
  readonly claimedOffsetSeconds: number | null
  readonly score: number | null
  /** `null` when nobody asked for it. */
  readonly attainment: Attainment | null
  /** Bad in most of the newest sweeps. */
  readonly isAlerting: boolean
}

/** So many of the newest samples make the score: 0.95 to this power is nothing. */
export const scoredSamples = 300

/** `recent` is oldest first. */
export function rowOf(judgement: ClockJudgement, recent: readonly ClockSample[]): ClockRow {
  return {
    judgement,
    claimedOffsetSeconds: null,
    score: scoreOf(recent),
    attainment: null,
    isAlerting: isAlerting(recent),
  }
}
