/** The order in which devices are changed: followers before the sources they follow. */
import type { Member } from '../plan.ts'
import { spreadSites } from './spread-sites.ts'

/**
 * All members, each once. A device comes after those that follow it, and stratum 2 before stratum 1
 * where nobody follows; neighbours of one site are apart where that is possible. Devices that follow
 * each other have no order, and a longer circle is entered at its first device of the fleet.
 */
export function orderDevices(members: readonly Member[]): Member[] {
  const graph = graphOf(members)
  const left = new Set(members.filter(({ role }) => role === 'stratum2'))
  for (const member of members) left.add(member)
  const place = new Map(members.map((member, index) => [member, index]))
  const inFleet = (one: Member, other: Member): number =>
    (place.get(one) ?? 0) - (place.get(other) ?? 0)
  const ordered: Member[] = []
  let ready = members.filter((member) => isFree(member, graph))
  while (left.size > 0) {
    const level = nextLevel(ready, left)
    for (const member of level) left.delete(member)
    const taken = new Set(level)
    ready = ready.filter((member) => !taken.has(member))
    for (const member of level) ready.push(...release(member, graph, left))
    ordered.push(...spreadSites(level.toSorted(inFleet), ordered.at(-1)))
  }
  return ordered
}

interface Graph {
  /** Sources by follower, without those that follow it themselves. */
  readonly sources: ReadonlyMap<Member, readonly Member[]>
  /** How many followers each source still has before it. */
  readonly followers: Map<Member, number>
}

function graphOf(members: readonly Member[]): Graph {
  const byName = new Map(members.map((member) => [member.device, member]))
  const upstreams = new Map(members.map(({ device, upstreams }) => [device, new Set(upstreams)]))
  const sources = new Map<Member, Member[]>()
  const followers = new Map<Member, number>()
  for (const member of members) {
    const oneWay = member.upstreams
      .filter((name) => upstreams.get(name)?.has(member.device) === false)
      .flatMap((name) => byName.get(name) ?? [])
    sources.set(member, oneWay)
    for (const source of oneWay) followers.set(source, (followers.get(source) ?? 0) + 1)
  }
  return { sources, followers }
}

function isFree(member: Member, { followers }: Graph): boolean {
  return (followers.get(member) ?? 0) === 0
}

/** `left` has stratum 2 first, so that its first one enters a circle. */
function nextLevel(ready: readonly Member[], left: ReadonlySet<Member>): readonly Member[] {
  const lower = ready.filter(({ role }) => role === 'stratum2')
  if (lower.length > 0) return lower
  if (ready.length > 0) return ready
  return [...left.values().take(1)]
}

/** The sources that have no followers before them any more. */
function release(member: Member, graph: Graph, left: ReadonlySet<Member>): Member[] {
  return (graph.sources.get(member) ?? []).filter((source) => {
    graph.followers.set(source, (graph.followers.get(source) ?? 0) - 1)
    return isFree(source, graph) && left.has(source)
  })
}
