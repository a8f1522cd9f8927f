/** The fleet for one operation: the lease, and what is in the way read again once it is ours. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { LeaseHolder, LeaseWish } from '../../core/rollout/lease.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { keepLease, type KeptLease, type LeaseTime } from '../rollout/keep-lease.ts'
import { whyNotApply, type WantedChange } from './may-change.ts'
import type { Refusal } from './refusal.ts'

export interface ClaimWish extends Omit<LeaseWish, 'nowMs'> {
  /** `null`: takes up what is unfinished, or changes no release. */
  readonly change: WantedChange | null
}

export interface Claimed<T> {
  readonly value: T
  /** Another operation took over meanwhile; its holder, when it is still at work. */
  readonly lost: { readonly to: LeaseHolder | null } | null
}

/**
 * Does `work` while nobody else may change the fleet. `lease.lost` fires when somebody else does
 * nevertheless, after this process slept for too long.
 */
export async function claimFleet<T>(
  store: RolloutStore,
  { change, ...wish }: ClaimWish,
  time: LeaseTime,
  work: (lease: KeptLease) => Promise<T>,
): Promise<Result<Claimed<T>, Refusal>> {
  const acquired = await store.acquire({ ...wish, nowMs: time.nowMs() })
  if (!acquired.ok) return fail({ kind: 'claimed', holder: acquired.heldBy })
  const kept = keepLease(store, acquired.lease, time)
  try {
    // Another operation may have begun and ended between the question and the lease.
    const refusal = change === null ? null : await whyNotApply(store, change, time.nowMs())
    if (refusal !== null) return fail(refusal)
    const value = await work(kept)
    const isLost = kept.lost.aborted || !(await isStillOurs(store, kept, time))
    return ok({ value, lost: isLost ? { to: await store.holder(time.nowMs()) } : null })
  } finally {
    await kept.release()
  }
}

/** A takeover between two renewals. What cannot be asked is as it was known last. */
async function isStillOurs(
  store: RolloutStore,
  { lease }: KeptLease,
  time: LeaseTime,
): Promise<boolean> {
  try {
    return await store.renew(lease, time.nowMs())
  } catch {
    return true
  }
}
