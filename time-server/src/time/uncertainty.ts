/**
 * How far this machine's clock can be from UTC. Pure. RFC 5905 §11.1: root delay / 2 + root
 * dispersion, which the daemon makes grow by 15 ppm, and we from when it was asked on. It is a bound
 * on the word of the sources: a source which is wrong itself can only be found from outside.
 */
import type { Observation } from '../observe.ts'
import { judgeSync } from '../sync.ts'

/** `holdover`: the source is lost, and the bound grows. What is doubtful is `unknown`. */
export type ClockState = 'synced' | 'holdover' | 'unsynced' | 'unknown'

/** Milliseconds; all parts are `null` together. */
export interface Uncertainty {
  readonly state: ClockState
  /** The bound; `null`: none can be given, for `reason`. */
  readonly boundMs: number | null
  readonly reason: string | null
  readonly halfRootDelayMs: number | null
  readonly rootDispersionMs: number | null
  /** What was added for the time since the daemon was asked. */
  readonly agingMs: number | null
}

/** PHI of RFC 5905: how fast a clock may drift that nobody corrects. */
const driftPpm = 15

/** `sinceLookSeconds`: age of the observation. `steersClock`: whether ntpd should steer this clock. */
export function decideUncertainty(
  observation: Observation,
  sinceLookSeconds: number,
  steersClock: boolean,
): Uncertainty {
  const { daemon, discipline } = observation
  if (!daemon.ok) return none('unknown', 'the NTP daemon cannot be asked')
  const verdict = judgeSync(daemon.value)
  const state = verdict.state === 'doubtful' ? 'unknown' : verdict.state
  if (state !== 'synced' && state !== 'holdover') return none(state, verdict.reasons.join('; '))
  if (steersClock && discipline.disciplined === false) return none('unsynced', discipline.reason)
  const { rootDelayMs, rootDispersionMs, rootDistanceMs } = daemon.value.system
  if (rootDelayMs === null || rootDispersionMs === null || rootDistanceMs === null) {
    return none(state, 'the NTP daemon did not tell its root distance')
  }
  const agingMs = agingMsAfter(sinceLookSeconds)
  return {
    state,
    boundMs: rootDistanceMs + agingMs,
    reason: null,
    halfRootDelayMs: rootDelayMs / 2,
    rootDispersionMs,
    agingMs,
  }
}

/** What a bound grows by in this time. */
export function agingMsAfter(seconds: number): number {
  return (Math.max(seconds, 0) * driftPpm) / 1000
}

function none(state: ClockState, reason: string): Uncertainty {
  const parts = { halfRootDelayMs: null, rootDispersionMs: null, agingMs: null }
  return { state, boundMs: null, reason, ...parts }
}
