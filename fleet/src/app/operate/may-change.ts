/** Whether the fleet may be changed now, asked before every change: the one door for it. */
import {
  isBlocked,
  type BlockedRelease,
  type WantedRelease,
} from '../../core/rollout/blocked-release.ts'
import type { LeaseHolder } from '../../core/rollout/lease.ts'
import { isUnfinished, type RolloutSummary } from '../../core/rollout/summary.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'

/** Why a change may not be made now. How it is said, and the exit code, is for who shows it. */
export type Refusal =
  | { readonly kind: 'claimed'; readonly holder: LeaseHolder }
  /** Two releases on their way at once: nobody could say where a device goes back to. */
  | { readonly kind: 'unfinished'; readonly rollout: RolloutSummary }
  | { readonly kind: 'blocked'; readonly release: BlockedRelease }

type Remembered = Pick<RolloutStore, 'holder' | 'list' | 'blocked' | 'releaseOf'>

/** `null`: nothing is in the way. */
export async function whyNotChange(
  store: Remembered,
  wanted: WantedRelease,
  nowUnixMs: number,
): Promise<Refusal | null> {
  const holder = await store.holder(nowUnixMs)
  if (holder !== null) return { kind: 'claimed', holder }
  const rollout = (await store.list()).find(isUnfinished)
  if (rollout !== undefined) return { kind: 'unfinished', rollout }
  return await whyBlocked(store, wanted)
}

/** What speaks against a release at any time, also against planning with it. */
export async function whyBlocked(
  store: Pick<Remembered, 'blocked' | 'releaseOf'>,
  wanted: WantedRelease,
): Promise<Refusal | null> {
  for (const release of await store.blocked()) {
    if (isBlocked(release, await store.releaseOf(release.rollout), wanted)) {
      return { kind: 'blocked', release }
    }
  }
  return null
}
