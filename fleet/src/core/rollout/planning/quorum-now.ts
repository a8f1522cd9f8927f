/** The arithmetic of quorum sets at one instant. */
import type { QuorumSet } from '../plan.ts'

export interface QuorumNow {
  readonly name: string
  readonly servers: number
  readonly good: number
  readonly minGood: number
  /** How many good servers may be away at once. */
  readonly mayBeAway: number
  /** `tight`: kept, and no good server may be taken away; `broken`: fewer are good than required. */
  readonly verdict: 'ok' | 'tight' | 'broken'
}

export function quorumNow(set: QuorumSet, good: ReadonlySet<string>): QuorumNow {
  const { name, members, minGood } = set
  const count = members.filter((member) => good.has(member)).length
  const spare = count - minGood
  return {
    name,
    servers: members.length,
    good: count,
    minGood,
    mayBeAway: Math.max(0, spare),
    verdict: spare > 0 ? 'ok' : spare === 0 ? 'tight' : 'broken',
  }
}

const verdicts = {
  ok: 'ok',
  tight: 'no good one can be moved',
  broken: 'fewer than required',
} as const satisfies Record<QuorumNow['verdict'], string>

/** `stratum1: 2 good now, at most 1 away at once, 1 must stay: ok`. */
export function quorumText({ name, good, mayBeAway, minGood, verdict }: QuorumNow): string {
  const sum = `${good} good now, at most ${mayBeAway} away at once, ${minGood} must stay`
  return `${name}: ${sum}: ${verdicts[verdict]}`
}
