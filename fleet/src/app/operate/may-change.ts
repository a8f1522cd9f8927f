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
  /** Two releases on their way at once: nobody could say to what a device returns. */
  | { readonly kind: 'unfinished'; readonly rollout: RolloutSummary }
  | { readonly kind: 'blocked'; readonly release: BlockedRelease }
  | TakesBack

/** A rollout moved the devices to an image that `fleet.yaml` does not have yet. */
export interface TakesBack {
  readonly kind: 'takes-back'
  readonly rollout: RolloutSummary
  /** What `fleet.yaml` still says, as written. */
  readonly image: string
}

export interface WantedChange extends WantedRelease {
  readonly replaces: Replaced
  /** An image that was named in the command, or `--allow-rollback`. */
  readonly mayTakeBack: boolean
}

/** What is there before a change. */
export interface Replaced {
  /** The wanted image, as in `fleet.yaml`. */
  readonly imageAsWritten: string
  /** Images by digest that the devices to be changed run now. */
  readonly running: ReadonlySet<string>
}

/** What stays in the way also for the holder of the lease. */
type Known = Pick<RolloutStore, 'list' | 'blocked' | 'releaseOf'>

type Remembered = Known & Pick<RolloutStore, 'holder'>

/** `null`: nothing is in the way. */
export async function whyNotChange(
  store: Remembered,
  wanted: WantedChange,
  nowUnixMs: number,
): Promise<Refusal | null> {
  const holder = await store.holder(nowUnixMs)
  if (holder !== null) return { kind: 'claimed', holder }
  return whyNotApply(store, wanted)
}

/** Asked again once the lease is ours: only then nobody else changes the answer. */
export async function whyNotApply(store: Known, wanted: WantedChange): Promise<Refusal | null> {
  const rollout = (await store.list()).find(isUnfinished)
  if (rollout !== undefined) return { kind: 'unfinished', rollout }
  const blocked = await whyBlocked(store, wanted)
  return blocked ?? (wanted.mayTakeBack ? null : await whatTakesBack(store, wanted))
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

/**
 * The rollout that the change would undo: it ended well with an image that devices run, and
 * `fleet.yaml` says what it said before. With any other word there, its owner has spoken.
 */
export async function whatTakesBack(
  store: Pick<Remembered, 'list' | 'releaseOf'>,
  { image, replaces }: Pick<WantedChange, 'image' | 'replaces'>,
): Promise<TakesBack | null> {
  const done = (await store.list()).filter(({ status }) => status === 'done')
  for (const running of replaces.running) {
    const rollout = done.find((each) => each.image === running)
    if (running === image || rollout === undefined) continue
    const insteadOf = (await store.releaseOf(rollout.rollout))?.insteadOf ?? null
    if (insteadOf === replaces.imageAsWritten) {
      return { kind: 'takes-back', rollout, image: insteadOf }
    }
  }
  return null
}
