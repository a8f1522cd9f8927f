/** Whether the fleet may be changed now, asked before every change: the one door for it. */
import { isBlocked, type WantedRelease } from '../../core/rollout/blocked-release.ts'
import { atWorkElsewhere, type Seen } from '../../core/rollout/elsewhere.ts'
import { isUnfinished } from '../../core/rollout/summary.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import type { Refusal, TakesBack } from './refusal.ts'

export interface WantedChange extends WantedRelease {
  readonly replaces: Replaced
  /** An image that was named in the command, or `--allow-rollback`. */
  readonly mayTakeBack: boolean
  /** What was seen of the devices that are meant; empty: with `--allow-other-state`. */
  readonly seen: Seen
  /** Why nothing may be started at this time; absent: it may at any. */
  readonly frozenAt?: (nowUnixMs: number) => string | null
}

/** What is there before a change. */
export interface Replaced {
  /** The wanted image, as in `fleet.yaml`. */
  readonly imageAsWritten: string
  /** Images by digest that the devices to be changed run now. */
  readonly running: ReadonlySet<string>
}

/** What stays in the way also for the holder of the lease. */
type Known = Pick<RolloutStore, 'list' | 'blocked' | 'releaseOf' | 'origin'>

type Remembered = Known & Pick<RolloutStore, 'holder'>

/** `null`: nothing is in the way. */
export async function whyNotChange(
  store: Remembered,
  wanted: WantedChange,
  nowUnixMs: number,
): Promise<Refusal | null> {
  const holder = await store.holder(nowUnixMs)
  return holder === null ? whyNotApply(store, wanted, nowUnixMs) : { kind: 'claimed', holder }
}

/** Whoever is at work, or a rollout that nobody runs; asked where nothing else is known of a change. */
export async function whyBusy(
  store: Pick<Remembered, 'holder' | 'list'>,
  nowUnixMs: number,
): Promise<Refusal | null> {
  const holder = await store.holder(nowUnixMs)
  return holder === null ? whyUnfinished(store) : { kind: 'claimed', holder }
}

/** Asked again once the lease is ours: only then nobody else changes the answer. */
export async function whyNotApply(
  store: Known,
  wanted: WantedChange,
  nowUnixMs: number,
): Promise<Refusal | null> {
  const frozen = wanted.frozenAt?.(nowUnixMs) ?? null
  if (frozen !== null) return { kind: 'frozen', why: frozen }
  const unfinished = await whyUnfinished(store)
  if (unfinished !== null) return unfinished
  const blocked = await whyBlocked(store, wanted)
  if (blocked !== null) return blocked
  const elsewhere = atWorkElsewhere(wanted.seen, store.origin)
  if (elsewhere !== null) return { kind: 'elsewhere', ...elsewhere }
  return wanted.mayTakeBack ? null : await whatTakesBack(store, wanted)
}

/** A rollout that is not over. */
export async function whyUnfinished(store: Pick<Known, 'list'>): Promise<Refusal | null> {
  const rollout = (await store.list()).find(isUnfinished)
  return rollout === undefined ? null : { kind: 'unfinished', rollout }
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
