/** The lease of the fleet: one row that says who may change devices. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { leaseMs, type Lease, type LeaseHolder, type LeaseOwner } from '../../core/rollout/lease.ts'
import { inTransaction } from './database.ts'

const row = z.object({
  epoch: z.int(),
  host: z.string().nullable(),
  pid: z.int().nullable(),
  process_start: z.string().nullable(),
  operation: z.string().nullable(),
  since_unix_ms: z.int().nullable(),
  expires_unix_ms: z.int().nullable(),
})

interface Held extends LeaseHolder {
  readonly expiresUnixMs: number
}

interface Wish {
  readonly owner: LeaseOwner
  readonly operation: string
  readonly nowMs: number
  readonly epochFloor: number
}

type Acquired =
  | { readonly ok: true; readonly lease: Lease }
  | { readonly ok: false; readonly heldBy: LeaseHolder }

/**
 * `isAlive`: `false` only for a process which is known to have ended, as one of this host can be.
 *
 * INVARIANTS: the epoch never falls, and grows with every holder; there is at most one holder; a
 * holder that was replaced is never a holder again.
 */
export function fleetLease(database: DatabaseSync, isAlive: (owner: LeaseOwner) => boolean) {
  const select = database.prepare('SELECT * FROM lease')
  const give = database.prepare(
    `UPDATE lease SET epoch = ?, host = ?, pid = ?, process_start = ?, operation = ?,
       since_unix_ms = ?, expires_unix_ms = ?`,
  )
  const extend = database.prepare('UPDATE lease SET epoch = ?, expires_unix_ms = ?')
  const free = database.prepare('UPDATE lease SET host = NULL')

  const read = (): { readonly epoch: number; readonly held: Held | null } => {
    const found = row.parse(select.get())
    return { epoch: found.epoch, held: heldOf(found) }
  }
  const holder = (nowMs: number): LeaseHolder | null => {
    const { held } = read()
    if (held === null || held.expiresUnixMs <= nowMs || !isAlive(held.owner)) return null
    return { owner: held.owner, operation: held.operation, sinceUnixMs: held.sinceUnixMs }
  }
  const isBlocked = ({ owner, epoch }: Lease): boolean => {
    const now = read()
    return now.epoch === epoch && now.held !== null && isSame(now.held.owner, owner)
  }

  return {
    isBlocked,
    holder,
    acquire: ({ owner, operation, nowMs, epochFloor }: Wish): Acquired =>
      inTransaction(database, () => {
        const heldBy = holder(nowMs)
        if (heldBy !== null) return { ok: false, heldBy }
        const epoch = Math.max(read().epoch, epochFloor) + 1
        const { host, pid, processStart } = owner
        give.run(epoch, host, pid, processStart, operation, nowMs, nowMs + leaseMs)
        return { ok: true, lease: { owner, epoch } }
      }),
    renew: (lease: Lease, nowMs: number, epochFloor = 0): Lease | null =>
      inTransaction(database, () => {
        if (!isBlocked(lease)) return null
        const epoch = epochFloor > lease.epoch ? epochFloor + 1 : lease.epoch
        extend.run(epoch, nowMs + leaseMs)
        return { owner: lease.owner, epoch }
      }),
    release(lease: Lease): void {
      inTransaction(database, () => {
        if (isBlocked(lease)) free.run()
      })
    },
  }
}

function heldOf(found: z.output<typeof row>): Held | null {
  const { host, pid, process_start, operation, since_unix_ms, expires_unix_ms } = found
  if (host === null || pid === null) return null
  return {
    owner: { host, pid, processStart: process_start ?? '' },
    operation: operation ?? '',
    sinceUnixMs: since_unix_ms ?? 0,
    expiresUnixMs: expires_unix_ms ?? 0,
  }
}

function isSame(one: LeaseOwner, other: LeaseOwner): boolean {
  return one.host === other.host && one.pid === other.pid && one.processStart === other.processStart
}
