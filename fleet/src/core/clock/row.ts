/** A judgement with what else is known about the server: what tables, JSON and metrics are made of. */
import { isAlerting } from './hysteresis.ts'
import type { ClockSample } from './sample.ts'
import { scoreOf } from './score.ts'
import type { ClockJudgement } from './server.ts'
import { attainmentOf, type Attainment, type Objective } from './slo.ts'

export interface ClockRow {
  readonly judgement: ClockJudgement
  /** As the server says to its own reference; `null`: it does not say, or was not asked. */
  readonly claimedOffsetSeconds: number | null
  readonly score: number | null
  readonly attainment: Attainment
  /** Bad in most of the newest sweeps. */
  readonly isAlerting: boolean
}

/** Each server with its history, oldest first. */
export function rowOf(
  judgement: ClockJudgement,
  history: readonly ClockSample[],
  objective: Objective,
): ClockRow {
  return {
    judgement,
    claimedOffsetSeconds: null,
    score: scoreOf(history.slice(-scoredSamples)),
    attainment: attainmentOf(history, objective),
    isAlerting: isAlerting(history),
  }
}

/** 0.95 to this power is nothing. */
const scoredSamples = 300
