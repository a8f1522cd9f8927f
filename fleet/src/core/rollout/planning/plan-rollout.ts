/** Which devices move to a release, in which waves, and why each of them is where it is. Pure. */
import type { Device } from '../../device/device.ts'
import { formatDuration } from '@timeball/lib/duration.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Member, QuorumSet, RolloutPlan, Wave } from '../plan.ts'
import type { RolloutSettings } from '../settings.ts'
import { chooseCanaries } from './choose-canaries.ts'
import { cutWaves } from './cut-waves.ts'
import { holdBack } from './hold-back.ts'
import { membersOf } from './members.ts'
import { orderDevices } from './order-devices.ts'
import { canaryWords, waveWords } from './place-words.ts'
import { placeWarnings, type Places } from './place-warnings.ts'
import { impossibleSets, quorumSets } from './quorum-sets.ts'

/** Of a fleet, what a rollout is planned from. */
export interface RolloutFleet {
  readonly devices: readonly Device[]
  readonly settings: { readonly rollout: RolloutSettings }
}

export interface RolloutWish {
  readonly fleet: RolloutFleet
  /** Where the settings are from, for problems. */
  readonly file: string
  /** Names of devices of the fleet. */
  readonly selected: readonly string[]
  /** Selected devices that do not move, each with the reason. */
  readonly leftAlone: Readonly<Record<string, string>>
  readonly allowQuorumLoss: boolean
}

/** `quorum`: it cannot be kept, with the arithmetic; `problems`: mistakes in the settings. */
export interface PlanRefusal {
  readonly kind: 'problems' | 'quorum'
  readonly problems: readonly Problem[]
}

/** Refused where the quorum cannot be kept, unless its loss is allowed. */
export function planRollout(wish: RolloutWish): Result<RolloutPlan, PlanRefusal> {
  const { file, leftAlone, allowQuorumLoss } = wish
  const settings = wish.fleet.settings.rollout
  const members = membersOf(wish.fleet.devices)
  const quorum = quorumSets(members, settings, file)
  if (!quorum.ok) return fail({ kind: 'problems', problems: quorum.failure })

  const { sets } = quorum.value
  const places = placesOf(members, sets, wish)
  const impossible = impossibleSets(sets, new Set(places.ordered.map(({ device }) => device)))
  if (impossible.length > 0 && !allowQuorumLoss) {
    return fail({ kind: 'quorum', problems: impossible.map(refusal(file)) })
  }
  const { waves, why } = wavesOf(places, settings)
  const warnings = [
    ...quorum.value.warnings,
    ...impossible.map((sum) => `the quorum will be lost, as allowed: ${sum}`),
    ...placeWarnings(places, members, settings.canary.count),
  ]
  return ok({ waves, why, members, quorum: sets, leftAlone, warnings })
}

function refusal(file: string): (what: string) => Problem {
  const fix = 'Lower rollout.quorum.min_good, add servers, or say --allow-quorum-loss'
  return (what) => ({ file, line: null, column: null, what, fix })
}

function placesOf(
  members: readonly Member[],
  sets: readonly QuorumSet[],
  wish: RolloutWish,
): Places {
  const { canary, diversity } = wish.fleet.settings.rollout
  const selected = new Set(wish.selected)
  const isLeft = ({ device }: Member): boolean => Object.hasOwn(wish.leftAlone, device)
  const ordered = orderDevices(members.filter((each) => selected.has(each.device) && !isLeft(each)))
  const heldBack = holdBack({ sets, ordered, selected, count: diversity.keep_previous })
  const candidates = ordered.filter(({ device }) => !heldBack.has(device))
  const controls = [
    ...ordered.filter(({ device }) => heldBack.has(device)),
    ...members.filter(({ device }) => !selected.has(device)),
    ...candidates.toReversed(),
  ]
  return { ordered, canaries: chooseCanaries({ candidates, controls, settings: canary }), heldBack }
}

function followersOf(members: readonly Member[]): ReadonlyMap<string, readonly string[]> {
  const followers = new Map<string, string[]>(members.map(({ device }) => [device, []]))
  for (const { device, upstreams } of members) {
    for (const upstream of upstreams) followers.get(upstream)?.push(device)
  }
  return followers
}

function wavesOf(places: Places, settings: RolloutSettings): Pick<RolloutPlan, 'waves' | 'why'> {
  const { ordered, canaries, heldBack } = places
  const followers = followersOf(ordered)
  const first = ordered.filter(({ device }) => canaries.has(device))
  const last = ordered.filter(({ device }) => heldBack.has(device))
  const rest = ordered.filter(({ device }) => !canaries.has(device) && !heldBack.has(device))
  const cut = cutWaves(rest, settings.waves, ordered.length)
  const waves = [
    waveOf('canary', first),
    ...cut.map((devices) => waveOf('wave', devices)),
    waveOf('held-back', last),
  ].filter(({ devices }) => devices.length > 0)
  const waveNumbers = new Map(
    cut.flatMap((devices, index) => devices.map(({ device }) => [device, index + 1])),
  )
  const heldBackWords = `held back, a release behind for ${formatDuration(settings.diversity.for)}`
  const why = ordered.map((member) => {
    const { device } = member
    const behind = followers.get(device) ?? []
    const canary = canaries.get(device)
    if (canary !== undefined) return [device, canaryWords(member, canary, behind.length)]
    const set = heldBack.get(device)
    if (set !== undefined) return [device, `${heldBackWords}: last of ${set}`]
    return [device, waveWords(waveNumbers.get(device) ?? 0, member, behind)]
  })
  return { waves, why: Object.fromEntries(why) }
}

function waveOf(kind: Wave['kind'], members: readonly Member[]): Wave {
  return { kind, devices: members.map(({ device }) => device) }
}
