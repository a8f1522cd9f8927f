/**
 * What rollouts remember. Every store passes `rollout-store.contract.ts`. All methods reject when
 * the disk fails: what cannot be remembered must not be done.
 */
import type { Reachable } from '../core/device/device.ts'
import type { BlockedRelease } from '../core/rollout/blocked-release.ts'
import type { RolloutEvent, RolloutRequest } from '../core/rollout/event.ts'
import type { Acquired, Lease, LeaseHolder, LeaseWish } from '../core/rollout/lease.ts'
import type { Release } from '../core/rollout/plan.ts'
import type { RolloutSummary } from '../core/rollout/summary.ts'

export interface RolloutStore
  extends FleetLease, Journals, Requests, BlockedReleases, KnownDevices {
  /** Why it can only be read, as a sentence without its end; `null`: it can be written. */
  readonly damage: string | null
  /** 8 hex digits which no other store has: operations from here are known by them. */
  readonly origin: string
  close(): Promise<void>
}

/** One operation at a time. Times are Unix ms of the caller. */
export interface FleetLease {
  /** A holder that has expired, or is known to be dead, is replaced. */
  acquire(wish: LeaseWish): Promise<Acquired>
  /** For another 30 seconds. `false`: somebody else has it. */
  renew(lease: Lease, nowMs: number): Promise<boolean>
  release(lease: Lease): Promise<void>
  /** `null`: nobody, or one that has expired or is dead. */
  holder(nowMs: number): Promise<LeaseHolder | null>
}

export interface UnreadableEvent {
  /** Its place in the journal, from 1. */
  readonly sequence: number
  /** The end of a sentence that begins with "it". */
  readonly why: string
}

export interface Journals {
  /**
   * All of the events or none, on the disk when it resolves. `fenced`: the lease has gone to another
   * holder, and nothing was written. The first event of a rollout is `started`.
   */
  append(
    rollout: string,
    events: readonly RolloutEvent[],
    lease: Lease,
  ): Promise<'appended' | 'fenced'>
  /** In order, without the first `skip`, and without what cannot be read; empty: no such rollout. */
  events(rollout: string, skip?: number): Promise<readonly RolloutEvent[]>
  /** What is broken of its journal, in order: it hides nothing else. */
  unreadable(rollout: string): Promise<readonly UnreadableEvent[]>
  /** What it moves, without reading the rest; `null`: there is no such rollout. */
  releaseOf(rollout: string): Promise<Release | null>
  /** Newest first. */
  list(): Promise<readonly RolloutSummary[]>
  settleHistory(): Promise<SettleHistory>
}

export interface SettleHistory {
  /** Seconds in which devices became healthy, newest first, at most 20 of each device. */
  readonly times: ReadonlyMap<string, readonly number[]>
  /** How many are not what was written, and left out. */
  readonly damaged: number
}

/** For a rollout that another process runs. */
export interface Requests {
  request(rollout: string, request: RolloutRequest): Promise<void>
  /**
   * Oldest first. They are forgotten by the next `append` to the rollout, which tells what came of
   * them: a crash between the two loses none.
   */
  takeRequests(rollout: string): Promise<readonly RolloutRequest[]>
  /** Rollouts of which something was asked that is not forgotten yet, the oldest request first. */
  requested(): Promise<readonly string[]>
}

export interface BlockedReleases {
  block(release: BlockedRelease): Promise<void>
  /** Newest first. */
  blocked(): Promise<readonly BlockedRelease[]>
  /** By digest of the release, or by image with its digest. Those which are not blocked any more. */
  unblock(release: string): Promise<readonly BlockedRelease[]>
}

/** Devices that were changed from here, whether the inventory still has them or not. */
export interface KnownDevices {
  /** How each is reached now. */
  remember(devices: readonly Reachable[]): Promise<void>
  /** By name. */
  known(): Promise<readonly Reachable[]>
  /** With what was learned of it. */
  forget(device: string): Promise<void>
}
