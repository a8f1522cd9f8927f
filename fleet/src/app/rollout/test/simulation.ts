/** Runs a rollout in a simulated fleet, as often as it takes, with a journal that can be cut off. */
import { beginRollout, replay } from '../../../core/rollout/evolve.ts'
import type { RolloutEvent } from '../../../core/rollout/event.ts'
import type { Member, QuorumSet, RolloutPlan, Wave } from '../../../core/rollout/plan.ts'
import { rolloutSettings, type RolloutSettings } from '../../../core/rollout/settings.ts'
import type { RolloutState } from '../../../core/rollout/state.ts'
import { runRollout } from '../run-rollout.ts'
import type { RolloutJournal } from '../world.ts'
import { simulateFleet, type Ailment, type SimulatedFleet } from './simulated-fleet.ts'
import { virtualClock } from './virtual-clock.ts'

export interface Scenario {
  readonly plan: RolloutPlan
  readonly settings: RolloutSettings
  readonly ailments: Readonly<Record<string, Ailment>>
  readonly badBefore: ReadonlySet<string>
}

export interface Simulation {
  readonly fleet: SimulatedFleet
  readonly events: readonly RolloutEvent[]
  readonly state: RolloutState
}

export class Crash extends Error {}

/** Appends to a list; throws `Crash` before or after the n-th append. */
export function crashingJournal(
  events: RolloutEvent[],
  crash: { readonly append: number; readonly when: 'before' | 'after' } | null,
): RolloutJournal {
  let appends = 0
  let isDead = false
  return {
    async append(more) {
      appends += 1
      const isNow = crash?.append === appends
      if (isDead || (isNow && crash.when === 'before')) {
        isDead = true
        throw new Crash()
      }
      events.push(...more)
      isDead = isNow
      if (isNow) throw new Crash()
    },
    takeRequests: () => Promise.resolve([]),
  }
}

export function settingsFor(overrides: Record<string, unknown> = {}): RolloutSettings {
  return rolloutSettings.parse({ min_healthy_time: '2m', ...overrides })
}

export function startSimulation(scenario: Scenario): {
  readonly fleet: SimulatedFleet
  readonly events: RolloutEvent[]
} {
  const clock = virtualClock(Date.UTC(2026, 10, 23))
  const fleet = simulateFleet({
    ...scenario,
    clock,
    confirmMs: scenario.settings.confirm_timeout,
  })
  const started: RolloutEvent = {
    type: 'started',
    atUnixMs: clock.nowMs(),
    rollout: 'r1',
    fleet: 'test',
    by: 'tester',
    why: '',
    release: {
      image: 'new',
      imageAsWritten: 'new',
      insteadOf: null,
      kind: 'image',
      digest: 'd',
      states: {},
    },
    plan: scenario.plan,
    settings: scenario.settings,
    before: {},
    unreachable: [],
    settleLimitsMs: {},
    allowQuorumLoss: false,
    overrideFreeze: null,
  }
  return { fleet, events: [started] }
}

export async function go(
  fleet: SimulatedFleet,
  events: RolloutEvent[],
  crash: Parameters<typeof crashingJournal>[1] = null,
): Promise<RolloutState> {
  const state = replay(events)
  if (state === null) throw new Error('a journal without its beginning')
  const never = new AbortController().signal
  const journal = crashingJournal(events, crash)
  return await runRollout(state, {
    world: fleet,
    journal,
    stop: never,
    abort: never,
    by: 'tester',
    onChange: () => {},
  })
}

export async function simulate(scenario: Scenario): Promise<Simulation> {
  const { fleet, events } = startSimulation(scenario)
  const state = await go(fleet, events)
  return { fleet, events, state }
}

export function startOf(events: readonly RolloutEvent[]): RolloutState {
  const [started] = events
  if (started?.type !== 'started') throw new Error('a journal without its beginning')
  return beginRollout(started)
}

export function planOf(
  members: readonly Member[],
  waves: readonly Wave[],
  quorum: readonly QuorumSet[],
): RolloutPlan {
  return { waves, why: {}, members, quorum, leftAlone: {}, warnings: [] }
}

export function member(device: string, upstreams: readonly string[] = []): Member {
  const role = upstreams.length === 0 ? 'stratum1' : 'stratum2'
  return { device, role, site: null, upstreams, hasOutsideSources: false }
}
