/** Diversity: some servers of each client set stay a release behind, lest one bad build be wrong everywhere. */
import type { Member, QuorumSet } from '../plan.ts'

interface KeepBackInput {
  readonly sets: readonly QuorumSet[]
  /** Devices that move, in their order: the last ones are held back. */
  readonly ordered: readonly Member[]
  /** What the operator selected: others stay on what they have anyway. */
  readonly selected: ReadonlySet<string>
  /** How many of each set. */
  readonly count: number
}

/**
 * Devices that are held back, each with the name of the set for which. No set asks for all it has. Small
 * sets choose first, and named ones before roles: what they keep counts for the larger ones, too.
 */
export function holdBack({
  sets,
  ordered,
  selected,
  count,
}: KeepBackInput): ReadonlyMap<string, string> {
  const heldBack = new Map<string, string>()
  const lastFirst = ordered.map(({ device }) => device).toReversed()
  const smallFirst = sets.toReversed().toSorted((a, b) => a.members.length - b.members.length)
  for (const { name, members } of smallFirst) {
    const inSet = new Set(members)
    const behind = members.filter((member) => heldBack.has(member) || !selected.has(member)).length
    const missing = Math.min(count, members.length - 1) - behind
    const more = lastFirst.filter((device) => inSet.has(device) && !heldBack.has(device))
    for (const device of more.slice(0, Math.max(0, missing))) heldBack.set(device, name)
  }
  return heldBack
}
