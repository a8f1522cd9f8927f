/** Before devices are changed: nobody else is at it, and the release is not blocked. */
import type { ExitCode } from '../api/exit-codes.ts'
import {
  whatTakesBack,
  whyBlocked,
  whyNotChange,
  type WantedChange,
} from '../app/operate/may-change.ts'
import { keepLease, type KeptLease } from '../app/rollout/keep-lease.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, LoadedFleet } from './context.ts'
import { openStore } from './open-store.ts'
import { sayRefusal, takesBackText } from './refusals.ts'

export interface ClaimWish {
  /** Such as `apply`: what others are told. */
  readonly operation: string
  /** What most devices have seen: see `majorityEpoch`. */
  readonly epochFloor: number
}

export interface FleetClaim {
  readonly lease: KeptLease
  readonly store: RolloutStore
}

/**
 * Does `work` while nobody else may change the fleet. `lease.lost` fires when somebody else does
 * nevertheless, after this process slept for too long. Of a failure was told already.
 */
export async function withFleet<T>(
  context: Context,
  loaded: LoadedFleet,
  wish: ClaimWish,
  work: (claim: FleetClaim) => Promise<T>,
): Promise<Result<T, ExitCode>> {
  const { self: owner, terminal } = context
  const opened = await openStore(context, loaded, 'change')
  if (!opened.ok) return opened
  const store = opened.value
  try {
    const acquired = await store.acquire({ ...wish, owner, nowMs: context.nowUnixMs() })
    if (!acquired.ok) {
      return fail(sayRefusal(terminal, { kind: 'claimed', holder: acquired.heldBy }))
    }
    const kept = keepLease(store, acquired.lease, {
      nowMs: () => context.nowUnixMs(),
      wait: (ms, signal) => context.wait(ms, signal),
    })
    try {
      return ok(await work({ lease: kept, store }))
    } finally {
      if (kept.lost.aborted) terminal.say('timeball: another operation took over; stopped')
      await kept.release()
    }
  } finally {
    await store.close()
  }
}

/** `null`: nothing is in the way; otherwise what is was said. `plan`: only the release counts. */
export async function findConflict(
  context: Context,
  loaded: LoadedFleet,
  wanted: WantedChange,
  purpose: 'change' | 'plan',
): Promise<ExitCode | null> {
  const opened = await openStore(context, loaded, purpose === 'plan' ? 'read' : 'change')
  if (!opened.ok) return opened.failure
  const store = opened.value
  try {
    const refusal =
      purpose === 'plan'
        ? await whyBlocked(store, wanted)
        : await whyNotChange(store, wanted, context.nowUnixMs())
    return refusal === null ? null : sayRefusal(context.terminal, refusal)
  } finally {
    await store.close()
  }
}

/** What a plan warns of: the rollout that it would undo, or that nobody knows of one. */
export async function takeBackWarnings(
  context: Context,
  loaded: LoadedFleet,
  wanted: Pick<WantedChange, 'image' | 'replaces'>,
): Promise<string[]> {
  // A plan writes nothing, so the store is not opened, and made, where it cannot matter.
  if ([...wanted.replaces.running].every((image) => image === wanted.image)) return []
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) return [`what rollouts did is unknown: ${opened.failure.what}`]
  const store = opened.value
  try {
    const found = await whatTakesBack(store, wanted)
    return found === null ? [] : [`${takesBackText(found)}; refused without --allow-rollback`]
  } finally {
    await store.close()
  }
}
