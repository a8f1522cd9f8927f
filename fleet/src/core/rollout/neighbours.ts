/** Who depends on whom in a rollout, looked up often and worked out once. */
import type { Member, QuorumSet, RolloutPlan } from './plan.ts'

export interface Neighbours {
  readonly members: ReadonlyMap<string, Member>
  readonly sets: readonly QuorumSet[]
  readonly setsOf: ReadonlyMap<string, readonly QuorumSet[]>
  /** Members that follow a device. */
  readonly followers: ReadonlyMap<string, readonly string[]>
  /** Members that give time to the same followers as a device: they back each other up. It is in there itself. */
  readonly backers: ReadonlyMap<string, ReadonlySet<string>>
}

type Grouped = Pick<RolloutPlan, 'members' | 'quorum'>

const known = new WeakMap<Grouped, Neighbours>()

export function neighboursOf(plan: Grouped): Neighbours {
  const found = known.get(plan) ?? workOut(plan)
  known.set(plan, found)
  return found
}

function workOut({ members, quorum }: Grouped): Neighbours {
  const followers = new Map<string, string[]>()
  const backers = new Map<string, ReadonlySet<string>>()
  for (const { device, upstreams } of members) {
    for (const upstream of upstreams) {
      listIn(followers, upstream).push(device)
      backers.set(upstream, (backers.get(upstream) ?? new Set()).union(new Set(upstreams)))
    }
  }
  const setsOf = new Map<string, QuorumSet[]>()
  for (const set of quorum) for (const name of set.members) listIn(setsOf, name).push(set)
  return {
    members: new Map(members.map((member) => [member.device, member])),
    sets: quorum,
    setsOf,
    followers,
    backers,
  }
}

function listIn<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? []
  map.set(key, list)
  return list
}
