/** What a controller asks of a rollout that is over, at the time at which a person would. */
import type { RolloutEvent, RolloutRequest } from './event.ts'
import type { RolloutState } from './state.ts'

export interface Surroundings {
  readonly nowUnixMs: number
  /** Why nothing may be started now; `null`: it may. */
  readonly freeze: string | null
  /** Devices that answered when they were looked at last. */
  readonly reached: ReadonlySet<string>
  /** Repairs that were tried since it ended first. */
  readonly repairs: number
  readonly wishes: { readonly promote_held_back: boolean; readonly repair: boolean }
}

/** Who it is in journals; why it went on is in the words beside it. */
const by = 'timeball'
const minute = 60_000

/** Before the first repair; each further one waits twice as long, a day at most. */
const firstRepairMs = 10 * minute
const longestRepairMs = 24 * 60 * minute

/** `null`: there is nothing to ask for now. Only of the newest rollout: an older one is overtaken. */
export function askByItself(state: RolloutState, around: Surroundings): RolloutRequest | null {
  const { freeze, wishes } = around
  if (state.status.kind !== 'ended' || freeze !== null) return null
  if (wishes.promote_held_back && isDiversityOver(state, around)) {
    return { action: 'promote', by, why: 'diversity.for is over' }
  }
  const back = wishes.repair ? devicesBack(state, around) : []
  if (back.length === 0 || !isRepairDue(state, around)) return null
  return {
    action: 'resume',
    by,
    why: `${back.join(', ')} ${back.length === 1 ? 'is' : 'are'} back`,
  }
}

/** Devices that wait a release behind; none where the rollout did not end well. */
export function heldBack({ status, devices }: RolloutState): readonly string[] {
  if (status.kind !== 'ended' || status.result !== 'done') return []
  return [...devices.values()]
    .filter(({ phase }) => phase === 'waiting')
    .map(({ device }) => device)
}

/** When those that wait are due; Unix ms. */
export function diversityOverMs({ progressMs, started }: RolloutState): number {
  return progressMs + started.settings.diversity.for
}

function isDiversityOver(state: RolloutState, { nowUnixMs }: Surroundings): boolean {
  return heldBack(state).length > 0 && nowUnixMs >= diversityOverMs(state)
}

/** Devices that are in neither state for certain. */
export function needingAttention({ status, devices }: RolloutState): readonly string[] {
  if (status.kind !== 'ended' || status.result !== 'needs_attention') return []
  return [...devices.values()]
    .filter(({ phase }) => phase === 'stuck' || phase === 'lost')
    .map(({ device }) => device)
}

function devicesBack(state: RolloutState, { reached }: Surroundings): readonly string[] {
  return needingAttention(state).filter((device) => reached.has(device))
}

function isRepairDue({ progressMs }: RolloutState, { nowUnixMs, repairs }: Surroundings): boolean {
  const pauseMs = Math.min(longestRepairMs, firstRepairMs * 2 ** Math.min(repairs, 20))
  return nowUnixMs - progressMs >= pauseMs
}

/** How often a controller tried to repair it. */
export function repairsIn(events: readonly RolloutEvent[]): number {
  return events.filter((event) => event.type === 'resumed' && event.by === by).length
}
