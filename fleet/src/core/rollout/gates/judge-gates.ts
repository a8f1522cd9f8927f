/** The gates that a changed device passes in order: from its container to good time. Pure. */
import { isLost } from '../../failure.ts'
import { goodTime } from '../../service/good-time.ts'
import { gates as allGates, type Gate } from '../event.ts'
import type { RolloutSettings } from '../settings.ts'
import type { GateVerdict } from '../sight.ts'
import {
  containerGate,
  contractGate,
  httpGate,
  logsGate,
  notChecked,
  queriesGate,
  worstOf,
} from './device-gates.ts'
import type { Finding, GateInput } from './finding.ts'
import type { GateEvidence, GateMemory } from './evidence.ts'
import { rememberCheck } from './memory.ts'
import { gpsGate, offsetGate, ppsGate, syncedGate, truechimerGate } from './time-gates.ts'

const rules = {
  container: containerGate,
  http: httpGate,
  contract: contractGate,
  gps: gpsGate,
  pps: ppsGate,
  synced: syncedGate,
  offset: offsetGate,
  truechimer: truechimerGate,
  logs: logsGate,
  queries: queriesGate,
} as const satisfies Record<Gate, (input: GateInput) => Finding>

export interface GateJudgement {
  readonly verdict: GateVerdict
  /** For the next check of the same device. */
  readonly memory: GateMemory
}

/**
 * The first gate that does not hold. What cannot get better by waiting counts before what may, and
 * that before what cannot be judged, so that nobody waits for a device that is lost, and nothing
 * pauses while there still is something to wait for. `before`: the memory of the check before this
 * one; `null` at the first since the device was changed.
 */
export function judgeGates(
  evidence: GateEvidence,
  gates: RolloutSettings['gates'],
  before: GateMemory | null,
): GateJudgement {
  return pass(allGates, evidence, { gates, memory: rememberCheck(before, evidence) })
}

const returnedGates = ['container', 'http', 'synced', 'truechimer'] as const

/**
 * Whether a device that was rolled back serves good time: it did so with this release before, so it
 * passes when its container runs, it is in step, and nobody contradicts it.
 */
export function oldReleaseServes(
  evidence: GateEvidence,
  gates: RolloutSettings['gates'],
  before: GateMemory | null,
): GateJudgement {
  const { verdict, memory } = pass(returnedGates, evidence, {
    gates: { ...gates, ntp_synced: true, falseticker: false, min_reach: 1 },
    memory: rememberCheck(before, evidence),
  })
  // That nobody can be compared with it is no reason to doubt what was good before.
  const isUnjudged = verdict.verdict === 'inconclusive' && verdict.gate !== 'container'
  return { verdict: isUnjudged ? { verdict: 'pass' } : verdict, memory }
}

function pass(
  passed: readonly Gate[],
  evidence: GateEvidence,
  rest: Pick<GateInput, 'gates' | 'memory'>,
): GateJudgement {
  const { clock, http } = evidence
  const time = goodTime({
    clock: clock.ok ? clock.value : null,
    said: http.ok ? http.value.ntp : null,
  })
  const findings = passed.map((gate) => {
    const finding = rules[gate]({ evidence, time, ...rest })
    return finding === null ? null : { gate, ...finding }
  })
  const verdict = worstOf(findings) ?? { verdict: 'pass' }
  return { verdict: unlessUnreached(verdict, evidence), memory: rest.memory }
}

/** What cannot get better is so, however little else is seen. */
function unlessUnreached(verdict: GateVerdict, { observed }: GateEvidence): GateVerdict {
  if (verdict.verdict === 'fail' || observed.ok || !isLost(observed.failure)) return verdict
  return { verdict: 'unreached', gate: 'container', detail: notChecked(observed.failure) }
}
