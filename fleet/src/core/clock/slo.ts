/** The objective of a server ("within 1 ms of UTC, 99.9 %") and what is left of its error budget. */
import type { ClockSample } from './sample.ts'

export interface Objective {
  readonly withinSeconds: number
  /** 0 to 1. */
  readonly share: number
  readonly days: number
}

export interface Attainment {
  /** Sweeps that could be judged. */
  readonly judged: number
  /** Of these, how many missed the objective. */
  readonly missed: number
  /** Sweeps that prove nothing: too coarse, or undecidable. They count neither way. */
  readonly unknown: number
  /** 0 to 1; `null` when nothing could be judged. */
  readonly attained: number | null
  /** What is left of the misses that the objective allows: 1 is all, below 0 it is missed. */
  readonly budgetLeft: number | null
  /** Of the judged sweeps, those in which the server gave time at all. */
  readonly available: number | null
}

/** Samples of the objective's days only. */
export function attainmentOf(samples: readonly ClockSample[], objective: Objective): Attainment {
  const marks = samples.map((sample) => markOf(sample, objective))
  const judged = marks.filter((mark) => mark !== 'unknown').length
  const missed = marks.filter((mark) => mark === 'missed' || mark === 'away').length
  const away = marks.filter((mark) => mark === 'away').length
  const unknown = marks.length - judged
  if (judged === 0) {
    return { judged, missed, unknown, attained: null, budgetLeft: null, available: null }
  }
  const allowed = (1 - objective.share) * judged
  return {
    judged,
    missed,
    unknown,
    attained: 1 - missed / judged,
    budgetLeft: 1 - missed / allowed,
    available: 1 - away / judged,
  }
}

type Mark = 'met' | 'missed' | 'away' | 'unknown'

/** Where the error bound is wider than the objective only a clear miss can be told. */
function markOf(sample: ClockSample, { withinSeconds }: Objective): Mark {
  const { verdict, offsetSeconds, errorSeconds } = sample
  if (verdict === 'undecidable') return 'unknown'
  if (verdict === 'unreachable' || verdict === 'unsynchronised' || verdict === 'invalid') {
    return 'away'
  }
  if (offsetSeconds === null || errorSeconds === null) return 'unknown'
  const off = Math.abs(offsetSeconds)
  if (off - errorSeconds > withinSeconds) return 'missed'
  if (errorSeconds > withinSeconds) return 'unknown'
  return off <= withinSeconds ? 'met' : 'missed'
}
