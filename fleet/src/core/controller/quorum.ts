/** How many servers of each set give good time now, beside how many have to. */
import type { ClockJudgement } from '../clock/server.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { QuorumSet } from '../rollout/plan.ts'

export interface QuorumCount extends QuorumSet {
  readonly good: number
}

export function quorumOf(
  sets: readonly QuorumSet[],
  judgements: readonly ClockJudgement[],
): readonly QuorumCount[] {
  const good = new Set(judgements.filter(givesGoodTime).map(({ server }) => server.name))
  return sets.map((set) => ({
    ...set,
    good: set.members.filter((member) => good.has(member)).length,
  }))
}

/** Where too few servers vote nobody is accused: then a server is good that contradicts nothing. */
function givesGoodTime({ verdict, faults }: ClockJudgement): boolean {
  const isMeasured = verdict === 'truechimer' || verdict === 'undecidable'
  return isMeasured && !faults.some(({ level }) => level === 'bad')
}

/** All but one of a set, and three are enough. */
const enough = 3

export function quorumSets({ devices, settings }: Fleet): readonly QuorumSet[] {
  const { min_good: minGood, per, sets } = settings.rollout.quorum
  const found = new Map<string, readonly string[]>(Object.entries(sets))
  for (const { name, role, site } of devices) {
    const set = { group: role, site: site ?? 'no-site', fleet: 'fleet' }[per]
    found.set(set, [...(found.get(set) ?? []), name])
  }
  return [...found].map(([name, members]) => ({
    name,
    members,
    minGood: minGood ?? Math.min(enough, members.length - 1),
  }))
}
