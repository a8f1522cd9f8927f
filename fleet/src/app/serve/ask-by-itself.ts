/** The controller asks of the newest rollout what a person would ask of it at this time. */
import { askByItself, repairsIn } from '../../core/rollout/by-itself.ts'
import { frozenAt } from '../../core/rollout/planning/freeze.ts'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import type { LiveFleet } from './live-fleet.ts'

export interface AskingParts {
  readonly live: LiveFleet
  /** Devices that answered when they were looked at last. */
  readonly reached: () => ReadonlySet<string>
  readonly nowUnixMs: () => number
}

/** What could not be done is asked for again after so long. */
const againMs = 3_600_000

/** Asks through the same door as a person: the request is on the disk, and its runner answers it. */
export function asksByItself({
  live,
  reached,
  nowUnixMs,
}: AskingParts): (store: RolloutStore) => Promise<void> {
  let known: {
    readonly key: string
    readonly state: RolloutState
    readonly repairs: number
  } | null = null
  const asked = new Map<string, number>()

  async function newestOf(store: RolloutStore): Promise<typeof known> {
    const [summary] = await store.list()
    if (summary === undefined || !mayOwe.has(summary.status)) return null
    const key = `${summary.rollout} ${summary.changedUnixMs}`
    if (known?.key === key) return known
    const events = await store.events(summary.rollout)
    const state = replay(events)
    known = state === null ? null : { key, state, repairs: repairsIn(events) }
    return known
  }

  return async (store) => {
    const newest = await newestOf(store)
    if (newest === null) return
    const { state, repairs, key } = newest
    const atUnixMs = nowUnixMs()
    if (atUnixMs - (asked.get(key) ?? -Infinity) < againMs) return
    const wishes = live.fleet().settings.controller
    const around = { nowUnixMs: atUnixMs, reached: reached(), repairs, wishes }
    const request = askByItself(state, { ...around, freeze: null })
    // The list of leap seconds is read only where it matters.
    if (request === null || (await freezeNow(live, atUnixMs)) !== null) return
    asked.clear()
    asked.set(key, atUnixMs)
    await store.request(state.started.rollout, request)
  }
}

const mayOwe: ReadonlySet<string> = new Set(['done', 'needs_attention'])

async function freezeNow(live: LiveFleet, nowUnixMs: number): Promise<string | null> {
  return await live.use(async ({ fleet, outside }) =>
    frozenAt(nowUnixMs, fleet.settings.rollout.freeze, await outside.leapSeconds()),
  )
}
