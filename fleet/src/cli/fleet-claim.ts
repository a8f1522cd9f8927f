/** Before devices are changed: nobody else is at it, and the release is not blocked. */
import type { ExitCode } from '../api/exit-codes.ts'
import { claimFleet, type ClaimWish } from '../app/operate/claim-fleet.ts'
import {
  whatTakesBack,
  whyBlocked,
  whyNotChange,
  type WantedChange,
} from '../app/operate/may-change.ts'
import type { KeptLease, LeaseTime } from '../app/rollout/keep-lease.ts'
import { formatHolder } from '../core/rollout/lease.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, LoadedFleet } from './context.ts'
import { openStore } from './open-store.ts'
import { sayRefusal, takesBackText } from './refusals.ts'

export interface FleetClaim {
  readonly lease: KeptLease
  readonly store: RolloutStore
}

/** As `claimFleet`, with the fleet's own store. Of a failure, and of a takeover, was told already. */
export async function withFleet<T>(
  context: Context,
  loaded: LoadedFleet,
  wish: Omit<ClaimWish, 'owner'>,
  work: (claim: FleetClaim) => Promise<T>,
): Promise<Result<T, ExitCode>> {
  const { self: owner, terminal } = context
  const opened = await openStore(context, loaded, 'change')
  if (!opened.ok) return opened
  const store = opened.value
  const time: LeaseTime = {
    nowMs: () => context.nowUnixMs(),
    wait: (ms, signal) => context.wait(ms, signal),
  }
  try {
    const done = await claimFleet(store, { ...wish, owner }, time, (lease) =>
      work({ lease, store }),
    )
    if (!done.ok) return fail(sayRefusal(terminal, done.failure))
    if (done.value.lost !== null) {
      const { to } = done.value.lost
      const by = to === null ? 'another operation, which has ended' : formatHolder(to)
      terminal.say(`timeball: the fleet was taken over by ${by}; stopped`)
    }
    return ok(done.value.value)
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
