/** Tells readers of events what is added to the journals of rollouts, whoever runs them. */
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'

export interface FollowParts {
  readonly store: Pick<RolloutStore, 'list' | 'events'>
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly tell: (rollout: string, event: RolloutEvent) => void
  readonly log: (line: string) => void
}

interface Place {
  readonly changedUnixMs: number
  /** How many of its events were read; `null`: it was not read yet. */
  readonly events: number | null
}

/** Between two looks into the list. */
const lookMs = 1_000

/** Until `stop` fires. What was there at the begin is not told. A disk that fails is told once. */
export async function followRollouts(parts: FollowParts, stop: AbortSignal): Promise<void> {
  const { store, tell, log } = parts
  const read = new Map<string, Place>()
  let isFirst = true
  let isTold = false

  async function look(): Promise<void> {
    for (const { rollout, changedUnixMs } of await store.list()) {
      const known = read.get(rollout)
      if (known?.changedUnixMs === changedUnixMs) continue
      const skip = known?.events ?? 0
      const found = isFirst ? [] : await store.events(rollout, skip)
      const sinceMs = known?.events === null ? known.changedUnixMs : -Infinity
      const events = isFirst ? null : skip + found.length
      read.set(rollout, { changedUnixMs, events })
      for (const event of found) if (event.atUnixMs > sinceMs) tell(rollout, event)
    }
    isFirst = false
  }

  while (!stop.aborted) {
    try {
      await look()
      isTold = false
    } catch (error) {
      if (!isTold) log(`rollouts cannot be followed: ${String(error)}`)
      isTold = true
    }
    await parts.wait(lookMs, stop)
  }
}
