/** What the operator should know of a plan before it begins. */
import { foldNames } from '../../plan/names.ts'
import type { Member } from '../plan.ts'
import type { Canary } from './choose-canaries.ts'

export interface Places {
  /** Devices that move, in their order. */
  readonly ordered: readonly Member[]
  readonly canaries: ReadonlyMap<string, Canary>
  /** Devices held back a release behind, each with the quorum set for which. */
  readonly heldBack: ReadonlyMap<string, string>
}

/** `canaryCount` is how many were wanted for each role (site, fleet). */
export function placeWarnings(
  { ordered, canaries, heldBack }: Places,
  members: readonly Member[],
  canaryCount: number,
): string[] {
  return [
    ...uncompared(canaries),
    ...fewerCanaries(canaries, canaryCount),
    ...lonelyFollowers(members, new Set(ordered.map(({ device }) => device))),
    ...allKept(ordered, heldBack),
  ]
}

function uncompared(canaries: ReadonlyMap<string, Canary>): string[] {
  const names = [...canaries].filter(([, { control }]) => control === null).map(([name]) => name)
  if (names.length === 0) return []
  return [`canary without a baseline, since none of its role stays as it is: ${foldNames(names)}`]
}

function fewerCanaries(canaries: ReadonlyMap<string, Canary>, wanted: number): string[] {
  const units = Map.groupBy(canaries.values(), ({ of }) => of)
  const short = [...units].filter(([, chosen]) => chosen.length < wanted).map(([of]) => of)
  if (short.length === 0) return []
  return [`fewer canaries than ${wanted}, so that one is left to compare with: ${foldNames(short)}`]
}

/** They have no source while theirs moves; whoever has two of them is never left without. */
function lonelyFollowers(members: readonly Member[], moving: ReadonlySet<string>): string[] {
  const lonely = members.filter(
    ({ upstreams, hasOutsideSources }) => upstreams.length === 1 && !hasOutsideSources,
  )
  const bySource = Map.groupBy(lonely, ({ upstreams }) => upstreams[0] ?? '')
  return [...bySource].flatMap(([source, followers]) => {
    if (!moving.has(source)) return []
    const names = foldNames(followers.map(({ device }) => device))
    return [`${source} is the only source of ${names}: they hold over while it moves`]
  })
}

function allKept(ordered: readonly Member[], heldBack: ReadonlyMap<string, string>): string[] {
  if (ordered.length === 0 || heldBack.size < ordered.length) return []
  return [
    'all selected devices are held back a release behind: nothing moves before they are promoted',
  ]
}
