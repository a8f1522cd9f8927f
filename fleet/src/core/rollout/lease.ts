/** One operation at a time changes a fleet: who does, until when, and under which number. */

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

/** Without renewal another operation may take over after this time. */
export const leaseMs = 30_000

/** `apply on ops-1 (process 4711)` */
export function formatHolder({ operation, owner }: LeaseHolder): string {
  return `${operation} on ${owner.host} (process ${owner.pid})`
}
