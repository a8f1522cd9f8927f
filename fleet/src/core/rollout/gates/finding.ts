/** How a gate answers. */
import type { RolloutSettings } from '../settings.ts'
import type { TimeVerdict } from '../../service/good-time.ts'
import type { GateEvidence, GateMemory } from './evidence.ts'

/** `null`: it holds. `detail` is a printable phrase. */
export type Finding = {
  readonly verdict: 'pending' | 'fail' | 'inconclusive'
  readonly detail: string
} | null

export interface GateInput {
  readonly evidence: GateEvidence
  /** This check included. */
  readonly memory: GateMemory
  /** What the rule for good time makes of it. */
  readonly time: TimeVerdict
  readonly gates: RolloutSettings['gates']
}

/** It may still get better: the deadline decides. */
export function pending(detail: string): Finding {
  return { verdict: 'pending', detail }
}

/** It cannot get better by waiting. */
export function failing(detail: string): Finding {
  return { verdict: 'fail', detail }
}

/** Nobody can tell, for a reason that is not the device's. */
export function inconclusive(detail: string): Finding {
  return { verdict: 'inconclusive', detail }
}
