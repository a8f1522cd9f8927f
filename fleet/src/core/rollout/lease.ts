/** One operation at a time changes a fleet: who does, until when, and under which number. */

import { highestEpoch } from './epoch.ts'

/** A process, named so that no other one ever has the same name. */
export interface LeaseOwner {
  readonly host: string
  readonly pid: number
  /** Boot and start of the process, as its kernel tells them; empty where it does not tell. */
  readonly processStart: string
}

/** The right to change the fleet, as its holder has it. */
export interface Lease {
  readonly owner: LeaseOwner
  /** Grows with every holder. It goes into each bundle: a device refuses lower ones than it has seen. */
  readonly epoch: number
}

/** Who holds the fleet, for those who do not. */
export interface LeaseHolder {
  readonly owner: LeaseOwner
  /** Such as `rollout r-20261123-1` or `apply`. */
  readonly operation: string
  readonly sinceUnixMs: number
}

export interface LeaseWish {
  readonly owner: LeaseOwner
  readonly operation: string
  readonly nowMs: number
  /** What most devices have seen (`majorityEpoch`): the lease's is above it, also in a new store. */
  readonly epochFloor: number
}

export type Acquired =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly heldBy: LeaseHolder }

/** Without renewal an operation of another host may take over after this time. */
export const leaseMs = 30_000

/** What a store keeps of the lease. */
export interface LeaseRecord {
  readonly epoch: number
  /** `null`: it was given back. */
  readonly held: HeldLease | null
}

export interface HeldLease extends LeaseHolder {
  readonly expiresUnixMs: number
}

/** What is known of a process of this host; `null`: nothing, as of one of another host. */
export type IsAlive = (owner: LeaseOwner) => boolean | null

export const freeLease: LeaseRecord = { epoch: 0, held: null }

/*
 * INVARIANTS of the three changes, each made in one transaction of the store: the epoch never falls,
 * and grows with every holder; there is at most one holder; a holder that was replaced is never a
 * holder again.
 */

/** The record to write, and what to tell; without a record nothing changes. */
export function acquireLease(
  record: LeaseRecord,
  wish: LeaseWish,
  isAlive: IsAlive,
): { readonly record: LeaseRecord | null; readonly acquired: Acquired } {
  const heldBy = holderOf(record, wish.nowMs, isAlive)
  if (heldBy !== null) return { record: null, acquired: { ok: false, heldBy } }
  const { owner, operation, nowMs, epochFloor } = wish
  const epoch = Math.max(record.epoch, epochFloor) + 1
  if (epoch > highestEpoch) throw new Error(`operation ${epoch} of a fleet cannot be`)
  const held = { owner, operation, sinceUnixMs: nowMs, expiresUnixMs: nowMs + leaseMs }
  return { record: { epoch, held }, acquired: { ok: true, lease: { owner, epoch } } }
}

/** `null`: somebody else has it. */
export function renewLease(record: LeaseRecord, lease: Lease, nowMs: number): LeaseRecord | null {
  if (record.held === null || !isHeldBy(record, lease)) return null
  return { ...record, held: { ...record.held, expiresUnixMs: nowMs + leaseMs } }
}

export function isHeldBy({ epoch, held }: LeaseRecord, lease: Lease): boolean {
  return epoch === lease.epoch && held !== null && isSame(held.owner, lease.owner)
}

/**
 * `null`: nobody, or one that is dead or has expired. Whoever is known to live holds it whatever the
 * wall clock says: dates count only for those of whom nothing is known.
 */
export function holderOf(
  { held }: LeaseRecord,
  nowMs: number,
  isAlive: IsAlive,
): LeaseHolder | null {
  if (held === null || !(isAlive(held.owner) ?? nowMs < held.expiresUnixMs)) return null
  const { owner, operation, sinceUnixMs } = held
  return { owner, operation, sinceUnixMs }
}

function isSame(one: LeaseOwner, other: LeaseOwner): boolean {
  return one.host === other.host && one.pid === other.pid && one.processStart === other.processStart
}

/** `apply on ops-1 (process 4711)` */
export function formatHolder({ operation, owner }: LeaseHolder): string {
  return `${operation} on ${owner.host} (process ${owner.pid})`
}
