/** The port to what rollouts remember: journals, the lease of the fleet, requests, blocked releases. */
import type { RolloutEvent, RolloutRequest } from '../core/rollout/event.ts'
import type { BlockedRelease } from '../core/rollout/blocked-release.ts'
import type { Lease, LeaseHolder, LeaseOwner } from '../core/rollout/lease.ts'
import type { Release } from '../core/rollout/plan.ts'
import type { RolloutSummary } from '../core/rollout/summary.ts'

/** All methods throw when the disk fails: what cannot be remembered must not be done. */
export interface RolloutStore extends FleetLease, Journals {
  /** For a rollout that another process runs. */
  request(rollout: string, request: RolloutRequest): void
  /**
   * Oldest first. They are forgotten by the next `append` to the rollout, which tells what came of
   * them: a crash between the two loses none.
   */
  takeRequests(rollout: string): readonly RolloutRequest[]

  hold(release: BlockedRelease): void
  /** Newest first. */
  blocked(): readonly BlockedRelease[]
  /** By digest of the release, or by image with its digest. Those which are not blocked any more. */
  unblock(release: string): readonly BlockedRelease[]
  close(): void
}

interface Journals {
  /**
   * All of the events or none, on the disk when it returns. `fenced`: the lease has gone to another
   * holder, and nothing was written. The first event of a rollout is `started`.
   */
  append(rollout: string, events: readonly RolloutEvent[], lease: Lease): 'appended' | 'fenced'
  /**
   * In order, without the first `skip`; empty when there is no such rollout. Throws when it is not a
   * journal.
   */
  events(rollout: string, skip?: number): readonly RolloutEvent[]
  /** What it moves, without reading the rest; `null`: there is no such rollout. */
  releaseOf(rollout: string): Release | null
  /** Newest first. */
  list(): readonly RolloutSummary[]
  /** Seconds in which devices became healthy, newest first, at most 20 of each device. */
  settleHistory(): ReadonlyMap<string, readonly number[]>
}

/** One operation at a time. Times are Unix ms of the caller. */
export interface FleetLease {
  /** A holder that has expired, or is known to be dead, is replaced. */
  acquire(wish: LeaseWish): Acquired
  /**
   * For another 30 seconds. `epochFloor`: the highest epoch seen on devices so far; where it is
   * above that of the lease, the new lease is above it. `null`: somebody else has it.
   */
  renew(lease: Lease, nowMs: number, epochFloor?: number): Lease | null
  release(lease: Lease): void
  /** `null`: nobody, or one that has expired or is dead. */
  holder(nowMs: number): LeaseHolder | null
}

interface LeaseWish {
  readonly owner: LeaseOwner
  readonly operation: string
  readonly nowMs: number
  /** The highest epoch seen on devices: the lease's is above it. 0 when none was seen. */
  readonly epochFloor: number
}

type Acquired =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly heldBy: LeaseHolder }
