/** A look at a healthy PPS server, from which a test changes only what it is about. */
import { container, healthyHttp, healthyNtp, observed } from '../../../health/test/healthy.ts'
import type { TimeServerHealth, TimeServerNtp } from '../../../health/time-server-health.ts'
import type { Observed, ObservedContainer } from '../../../plan/observed.ts'
import { ok } from '@timeball/lib/result.ts'
import { rolloutSettings, type RolloutSettings } from '../../settings.ts'
import { judgeGates, type GateJudgement } from '../judge-gates.ts'
import type { ClockLook, GateLook } from '../look.ts'

export const image = `registry.example/time-server@sha256:${'1'.repeat(64)}`
export const imageId = `sha256:${'a'.repeat(64)}`

export function look(change: Partial<GateLook> = {}): GateLook {
  return {
    hasGps: true,
    hasPps: true,
    container: 'mcp-utc-time',
    image,
    generation: 3,
    observed: ok(observedWith()),
    http: ok(healthyHttp()),
    clock: ok(clockLook()),
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
): Partial<GateLook> {
  return { observed: ok(observedWith(change, more)) }
}

export function saying(change: Partial<TimeServerHealth>): Partial<GateLook> {
  return { http: ok(healthyHttp(change)) }
}

export function sayingNtp(change: Partial<TimeServerNtp>): Partial<GateLook> {
  return saying({ ntp: healthyNtp(change) })
}

export function clockLook(change: Partial<ClockLook> = {}): ClockLook {
  return {
    verdict: 'truechimer',
    offsetSeconds: 0.0002,
    errorSeconds: 0.0005,
    stratum: 1,
    votes: 3,
    peers: 3,
    contradicting: 0,
    faults: [],
    notAsked: null,
    ...change,
  }
}

export function measuring(change: Partial<ClockLook>): Partial<GateLook> {
  return { clock: ok(clockLook(change)) }
}

export function gates(change: Partial<RolloutSettings['gates']> = {}): RolloutSettings['gates'] {
  return { ...rolloutSettings.parse(undefined).gates, ...change }
}

/** The last of several looks, each with the memory of those before it. */
export function judgeRow(
  looks: readonly GateLook[],
  settings: RolloutSettings['gates'] = gates(),
): GateJudgement['verdict'] {
  const [first, ...others] = looks
  const start = judgeGates(first ?? look(), settings, null)
  return others.reduce((before, next) => judgeGates(next, settings, before.memory), start).verdict
}
