/** The devices that go first, each beside one of its role that is not changed meanwhile. */
import type { Member } from '../plan.ts'
import type { RolloutSettings } from '../settings.ts'

export interface Canary {
  /** What it stands for: a role, a site, or the fleet. */
  readonly of: string
  /** A device of its role that stays as it is while canaries are judged; `null`: there is none. */
  readonly control: string | null
}

interface CanaryInput {
  /** In their order. */
  readonly candidates: readonly Member[]
  /** Devices that canaries may be compared with, the best ones first; candidates are among them. */
  readonly controls: readonly Member[]
  readonly settings: Pick<RolloutSettings['canary'], 'count' | 'per'>
}

/**
 * By device: the first ones of each role (site, fleet), as long as one of their role is left to
 * compare them with; where that is impossible, one.
 */
export function chooseCanaries(input: CanaryInput): ReadonlyMap<string, Canary> {
  const { candidates, controls, settings } = input
  const chosen = new Map<Member, string>()
  const left = Map.groupBy(controls, ({ role }) => role)
  const taken = { stratum1: 0, stratum2: 0 }
  for (const [of, members] of unitsOf(candidates, settings.per)) {
    let count = 0
    for (const member of members) {
      if (count >= settings.count) break
      if (taken[member.role] + 1 >= (left.get(member.role)?.length ?? 0)) continue
      taken[member.role] += 1
      count += 1
      chosen.set(member, of)
    }
    const [first] = members
    if (count === 0 && settings.count > 0 && first !== undefined) {
      taken[first.role] += 1
      chosen.set(first, of)
    }
  }
  const controlOf = controlFinder(controls.filter((member) => !chosen.has(member)))
  return new Map(
    [...chosen].map(([member, of]) => [member.device, { of, control: controlOf(member) }]),
  )
}

function unitsOf(
  members: readonly Member[],
  per: RolloutSettings['canary']['per'],
): ReadonlyMap<string, readonly Member[]> {
  return Map.groupBy(members, ({ role, site }) => {
    if (per === 'role') return role
    if (per === 'fleet') return 'the fleet'
    return site === null ? 'no site' : `site ${site}`
  })
}

/** One of the same site sees the same sky and the same network. */
function controlFinder(unchanged: readonly Member[]): (member: Member) => string | null {
  const near = Map.groupBy(unchanged, ({ role, site }) => `${role} ${site}`)
  const any = Map.groupBy(unchanged, ({ role }) => role)
  return ({ role, site }) =>
    (near.get(`${role} ${site}`)?.[0] ?? any.get(role)?.[0])?.device ?? null
}
