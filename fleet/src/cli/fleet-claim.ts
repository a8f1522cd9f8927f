/** Before devices are changed: nobody else is at it, and the release is not blocked. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { keepLease, type KeptLease } from '../app/rollout/keep-lease.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import {
  isBlocked,
  type BlockedRelease,
  type WantedRelease,
} from '../core/rollout/blocked-release.ts'
import { formatHolder, type LeaseHolder } from '../core/rollout/lease.ts'
import { formatInstant } from '../core/rollout/show/times.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, LoadedFleet } from './context.ts'
import { refuse } from './problems.ts'
import { shortHex } from '../core/short-digest.ts'

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
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) return fail(refuse(terminal, [opened.failure]))
  const store = opened.value
  try {
    const acquired = await store.acquire({ ...wish, owner, nowMs: context.nowUnixMs() })
    if (!acquired.ok) return fail(sayHolder(context, acquired.heldBy))
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

/** `null`: nothing is in the way of the release; otherwise what is was said. */
export async function findConflict(
  context: Context,
  loaded: LoadedFleet,
  wanted: WantedRelease,
): Promise<ExitCode | null> {
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) return refuse(context.terminal, [opened.failure])
  const store = opened.value
  try {
    const blocked = await blockedRelease(store, wanted)
    if (blocked !== null) return sayBlocked(context, blocked)
    const holder = await store.holder(context.nowUnixMs())
    return holder === null ? null : sayHolder(context, holder)
  } finally {
    await store.close()
  }
}

async function blockedRelease(
  store: RolloutStore,
  wanted: WantedRelease,
): Promise<BlockedRelease | null> {
  for (const blocked of await store.blocked()) {
    if (isBlocked(blocked, await store.releaseOf(blocked.rollout), wanted)) return blocked
  }
  return null
}

function sayHolder({ terminal }: Context, holder: LeaseHolder): ExitCode {
  const since = formatInstant(holder.sinceUnixMs)
  terminal.say(`timeball: the fleet is being changed by ${formatHolder(holder)}, since ${since}`)
  terminal.say('    run again when it is done')
  return exitCodes.conflict
}

function sayBlocked({ terminal }: Context, blocked: BlockedRelease): ExitCode {
  const { image, rollout, why, digest, atUnixMs } = blocked
  const when = formatInstant(atUnixMs)
  terminal.say(
    `timeball: the release is blocked, because rollout ${rollout} of it went back: ${why}`,
  )
  terminal.say(`    ${image}, since ${when}`)
  terminal.say(`    when it may be applied again: timeball rollout unblock ${shortHex(digest)}`)
  return exitCodes.conflict
}
