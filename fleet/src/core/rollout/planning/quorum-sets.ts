/**
 * The sets of servers of which some must give good time at every instant. By default a set is a
 * role: its members can stand in for each other. Other groups of the inventory say where a device
 * is or what it is made of, and not who uses it; who does is said by name in `quorum.sets`.
 */
import { globMatcher } from '@timeball/inventory/select/glob.ts'
import { nearestFew } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Member, QuorumSet } from '../plan.ts'
import type { RolloutSettings } from '../settings.ts'

export interface QuorumPlan {
  readonly sets: readonly QuorumSet[]
  readonly warnings: readonly string[]
}

/** With four or more servers one may fail while another one moves, and two still agree. */
const usualMinGood = 3

/** `file` is where the settings are from. Fails for a client set that names nobody. */
export function quorumSets(
  members: readonly Member[],
  { quorum }: RolloutSettings,
  file: string,
): Result<QuorumPlan, readonly Problem[]> {
  const own = ownSets(members, quorum.per)
  const problems: Problem[] = []
  const named = Object.entries(quorum.sets).map(([name, words]): readonly [string, string[]] => {
    const key = `rollout.quorum.sets.${name}`
    if (own.has(name)) problems.push(problem(file, `${key} is the name of another set`, null))
    return [
      name,
      matching(words, members, (what, fix) => problems.push(problem(file, `${key} ${what}`, fix))),
    ]
  })
  if (problems.length > 0) return fail(problems)
  const sets = [...own, ...named].map(([name, devices]): QuorumSet => {
    const minGood = quorum.min_good ?? Math.min(usualMinGood, devices.length - 1)
    return { name, members: devices, minGood }
  })
  const isChosen = quorum.min_good !== undefined
  return ok({ sets, warnings: isChosen ? [] : sets.flatMap(smallness) })
}

/** Sets whose promise is broken by moving one device at a time, each with its arithmetic. */
export function impossibleSets(
  sets: readonly QuorumSet[],
  moving: ReadonlySet<string>,
): readonly string[] {
  return sets.flatMap(({ name, members, minGood }) => {
    const left = members.length - 1
    if (left >= minGood || !members.some((member) => moving.has(member))) return []
    const sum = `${members.length} - 1 = ${left} < ${minGood}`
    return [
      `${name} has ${serversText(members.length)}; ${minGood} must stay good while one moves: ${sum}`,
    ]
  })
}

function ownSets(
  members: readonly Member[],
  per: RolloutSettings['quorum']['per'],
): ReadonlyMap<string, readonly string[]> {
  const nameOf = ({ role, site }: Member): string => {
    if (per === 'group') return role
    if (per === 'fleet') return 'fleet'
    return site === null ? 'no site' : `site ${site}`
  }
  const groups = Map.groupBy(members, nameOf)
  return new Map([...groups].map(([name, group]) => [name, group.map(({ device }) => device)]))
}

type Refuse = (what: string, fix: string | null) => void

/** In the order of the fleet, each once. */
function matching(words: readonly string[], members: readonly Member[], refuse: Refuse): string[] {
  const found = new Set<string>()
  const names = members.map(({ device }) => device)
  for (const word of words) {
    const matches = names.filter(globMatcher(word))
    for (const name of matches) found.add(name)
    if (matches.length > 0) continue
    const near = nearestFew(word, names, 3)
    const fix = near.length === 0 ? null : `Did you mean ${near.join(', ')}?`
    refuse(`has ${JSON.stringify(word)}, which is no device`, fix)
  }
  return names.filter((name) => found.has(name))
}

function problem(file: string, what: string, fix: string | null): Problem {
  return { file, line: null, column: null, what, fix }
}

function smallness({ name, members, minGood }: QuorumSet): string[] {
  if (members.length > usualMinGood) return []
  if (minGood === 0)
    return [`${name} has 1 server: nothing serves its clients while that one moves`]
  const stay = minGood === 1 ? '1 stays' : `${minGood} stay`
  return [
    `${name} has ${serversText(members.length)}: ${stay} while one moves, too few to outvote a falseticker`,
  ]
}

function serversText(count: number): string {
  return count === 1 ? '1 server' : `${count} servers`
}
