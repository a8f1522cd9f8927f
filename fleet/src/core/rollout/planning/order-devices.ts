/** The order in which devices are changed: followers before the sources they follow. */
import type { Member } from '../plan.ts'
import { spreadSites } from './spread-sites.ts'

/**
 * All members, each once. A device comes after those that follow it, and stratum 2 before stratum 1
 * where nobody follows; neighbours of one site are apart where that is possible. Devices that follow
 * each other have no order, and a longer circle is entered somewhere, always at the same place.
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
    const level = ready.length > 0 ? lowest(ready) : onCircle(left, graph)
    for (const member of level) left.delete(member)
    const taken = new Set(level)
    ready = ready.filter((member) => !taken.has(member))
    for (const member of level) ready.push(...release(member, graph, left))
    ordered.push(...spreadSites(level.toSorted(inFleet), ordered.at(-1)))
  }
  return ordered
}

/** Who is left to be ordered: sources of a device, and followers of it. */
interface Graph {
  readonly sources: ReadonlyMap<Member, readonly Member[]>
  readonly followers: ReadonlyMap<Member, Set<Member>>
}

function graphOf(members: readonly Member[]): Graph {
  const byName = new Map(members.map((member) => [member.device, member]))
  const upstreams = new Map(members.map(({ device, upstreams }) => [device, new Set(upstreams)]))
  const sources = new Map<Member, Member[]>()
  const followers = new Map(members.map((member) => [member, new Set<Member>()]))
  for (const member of members) {
    const oneWay = member.upstreams
      .filter((name) => upstreams.get(name)?.has(member.device) === false)
      .flatMap((name) => byName.get(name) ?? [])
    sources.set(member, oneWay)
    for (const source of oneWay) followers.get(source)?.add(member)
  }
  return { sources, followers }
}

function isFree(member: Member, { followers }: Graph): boolean {
  return followers.get(member)?.size === 0
}

function lowest(ready: readonly Member[]): readonly Member[] {
  const lower = ready.filter(({ role }) => role === 'stratum2')
  return lower.length > 0 ? lower : ready
}

/** Everybody is followed: whoever goes from follower to follower comes round again. */
function onCircle(left: ReadonlySet<Member>, { followers }: Graph): readonly Member[] {
  const seen = new Set<Member>()
  let [at] = left
  while (at !== undefined && !seen.has(at)) {
    seen.add(at)
    const [follower] = followers.get(at) ?? []
    at = follower
  }
  return at === undefined ? [] : [at]
}

/** The sources that have no followers before them any more. */
function release(
  member: Member,
  { sources, followers }: Graph,
  left: ReadonlySet<Member>,
): Member[] {
  return (sources.get(member) ?? []).filter((source) => {
    const others = followers.get(source)
    others?.delete(member)
    return others?.size === 0 && left.has(source)
  })
}
