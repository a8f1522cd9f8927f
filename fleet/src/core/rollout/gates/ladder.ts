/** The ladder that a changed device climbs: from its container to good time. Pure. */
import type { Rung } from '../event.ts'
import { rungs } from '../event.ts'
import type { RolloutSettings } from '../settings.ts'
import type { GateVerdict } from '../sight.ts'
import { containerRung, httpRung, logsRung, queriesRung, worstOf } from './device-rungs.ts'
import type { Finding, GateInput } from './finding.ts'
import type { GateLook, GateMemory } from './look.ts'
import { rememberLook } from './memory.ts'
import { gpsRung, offsetRung, ppsRung, syncedRung, truechimerRung } from './time-rungs.ts'

const rules = {
  container: containerRung,
  http: httpRung,
  gps: gpsRung,
  pps: ppsRung,
  synced: syncedRung,
  offset: offsetRung,
  truechimer: truechimerRung,
  logs: logsRung,
  queries: queriesRung,
} as const satisfies Record<Rung, (input: GateInput) => Finding>

export interface GateJudgement {
  readonly verdict: GateVerdict
  /** For the next look at the same device. */
  readonly memory: GateMemory
}

/**
 * The first rung that does not hold. What cannot get better by waiting counts before what may, and
 * that before what cannot be judged, so that nobody waits for a device that is lost, and nothing
 * pauses while there still is something to wait for. `before`: the memory of the look before this
 * one; `null` at the first since the device was changed.
 */
export function judgeGates(
  look: GateLook,
  gates: RolloutSettings['gates'],
  before: GateMemory | null,
): GateJudgement {
  return climb(rungs, { look, gates, memory: rememberLook(before, look) })
}

const returnedRungs = ['container', 'http', 'synced', 'truechimer'] as const

/**
 * Whether a device that went back serves good time: it did so with this release before, so it
 * passes when its container runs, it is in step, and nobody contradicts it.
 */
export function oldReleaseServes(
  look: GateLook,
  gates: RolloutSettings['gates'],
  before: GateMemory | null,
): GateJudgement {
  const { verdict, memory } = climb(returnedRungs, {
    look,
    gates: { ...gates, ntp_synced: true, falseticker: false, min_reach: 1 },
    memory: rememberLook(before, look),
  })
  // That nobody can be compared with it is no reason to doubt what was good before.
  const isUnjudged = verdict.verdict === 'inconclusive' && verdict.rung !== 'container'
  return { verdict: isUnjudged ? { verdict: 'pass' } : verdict, memory }
}

function climb(climbed: readonly Rung[], input: GateInput): GateJudgement {
  const findings = climbed.map((rung) => {
    const finding = rules[rung](input)
    return finding === null ? null : { rung, ...finding }
  })
  return { verdict: worstOf(findings) ?? { verdict: 'pass' }, memory: input.memory }
}
