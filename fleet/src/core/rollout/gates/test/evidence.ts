/** A check of a healthy PPS server, from which a test changes only what it is about. */
import {
  container,
  healthyHttp,
  healthyNtp,
  keptContract,
  observed,
} from '../../../health/test/healthy.ts'
import type { TimeServerHealth, TimeServerNtp } from '../../../health/time-server-health.ts'
import type { Observed, ObservedContainer } from '../../../plan/observed.ts'
import { ok } from '@timeball/lib/result.ts'
import { rolloutSettings, type RolloutSettings } from '../../settings.ts'
import { judgeGates, type GateJudgement } from '../judge-gates.ts'
import type { ClockEvidence } from '../../../service/evidence.ts'
import type { GateEvidence } from '../evidence.ts'

export const image = `registry.example/time-server@sha256:${'1'.repeat(64)}`
export const imageId = `sha256:${'a'.repeat(64)}`

export function evidence(change: Partial<GateEvidence> = {}): GateEvidence {
  return {
    hasGps: true,
    hasPps: true,
    container: 'mcp-utc-time',
    image,
    generation: 3,
    observed: ok(observedWith()),
    isNewContainer: false,
    errorsPerMinuteBefore: 0,
    http: ok(healthyHttp()),
    contract: keptContract(),
    hasKeys: true,
    clock: ok(clockSeen()),
    queries: [],
    ...change,
  }
}

export function observedWith(
  change: Partial<ObservedContainer> = {},
  more: Partial<Observed> = {},
): Observed {
  const server = container({ imageId, ...change })
  return observed({
    containers: new Map([['mcp-utc-time', server]]),
    images: new Map([[image, imageId]]),
    ...more,
  })
}

export function running(
  change: Partial<ObservedContainer>,
  more: Partial<Observed> = {},
): Partial<GateEvidence> {
  return { observed: ok(observedWith(change, more)) }
}

export function saying(change: Partial<TimeServerHealth>): Partial<GateEvidence> {
  return { http: ok(healthyHttp(change)) }
}

export function sayingNtp(change: Partial<TimeServerNtp>): Partial<GateEvidence> {
  return saying({ ntp: healthyNtp(change) })
}

export function clockSeen(change: Partial<ClockEvidence> = {}): ClockEvidence {
  return {
    verdict: 'truechimer',
    offsetSeconds: 0.0002,
    errorSeconds: 0.0005,
    stratum: 1,
    votes: 3,
    peers: 3,
    contradicting: 0,
    faults: [],
    failure: null,
    ...change,
  }
}

export function measuring(change: Partial<ClockEvidence>): Partial<GateEvidence> {
  return { clock: ok(clockSeen(change)) }
}

export function gates(change: Partial<RolloutSettings['gates']> = {}): RolloutSettings['gates'] {
  return { ...rolloutSettings.parse(undefined).gates, ...change }
}

/** The last of several consecutive checks, each with the memory of those before it. */
export function judgeRow(
  checks: readonly GateEvidence[],
  settings: RolloutSettings['gates'] = gates(),
): GateJudgement['verdict'] {
  const [first, ...others] = checks
  const start = judgeGates(first ?? evidence(), settings, null)
  return others.reduce((before, next) => judgeGates(next, settings, before.memory), start).verdict
}
