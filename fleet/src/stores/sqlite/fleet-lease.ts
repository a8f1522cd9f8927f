/** The lease of the fleet: one row that says who may change devices. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import {
  acquireLease,
  holderOf,
  isHeldBy,
  renewLease,
  type Acquired,
  type HeldLease,
  type IsAlive,
  type Lease,
  type LeaseHolder,
  type LeaseRecord,
  type LeaseWish,
} from '../../core/rollout/lease.ts'
import { inTransaction } from './database.ts'
import { seal } from './row-checksums.ts'

const row = z.object({
  epoch: z.int(),
  host: z.string().nullable(),
  pid: z.int().nullable(),
  process_start: z.string().nullable(),
  operation: z.string().nullable(),
  since_unix_ms: z.int().nullable(),
  expires_unix_ms: z.int().nullable(),
})

export function fleetLease(database: DatabaseSync, isAlive: IsAlive) {
  const select = database.prepare('SELECT * FROM lease')
  const update = database.prepare(
    `UPDATE lease SET epoch = ?, host = ?, pid = ?, process_start = ?, operation = ?,
       since_unix_ms = ?, expires_unix_ms = ?`,
  )
  const sealIt = database.prepare(seal('lease', 'only_row = 1'))
  const read = (): LeaseRecord => {
    const found = row.parse(select.get())
    return { epoch: found.epoch, held: heldOf(found) }
  }
  const write = ({ epoch, held }: LeaseRecord): void => {
    const { host = null, pid = null, processStart = null } = held?.owner ?? {}
    const { operation = null, sinceUnixMs = null, expiresUnixMs = null } = held ?? {}
    update.run(epoch, host, pid, processStart, operation, sinceUnixMs, expiresUnixMs)
    sealIt.run()
  }
  return {
    isHeldBy: (lease: Lease): boolean => isHeldBy(read(), lease),
    holder: (nowMs: number): LeaseHolder | null => holderOf(read(), nowMs, isAlive),
    acquire: (wish: LeaseWish): Acquired =>
      inTransaction(database, () => {
        const { record, acquired } = acquireLease(read(), wish, isAlive)
        if (record !== null) write(record)
        return acquired
      }),
    renew: (lease: Lease, nowMs: number): boolean =>
      inTransaction(database, () => {
        const record = renewLease(read(), lease, nowMs)
        if (record !== null) write(record)
        return record !== null
      }),
    release: (lease: Lease): void =>
      inTransaction(database, () => {
        const record = read()
        if (isHeldBy(record, lease)) write({ ...record, held: null })
      }),
  }
}

function heldOf(found: z.output<typeof row>): HeldLease | null {
  const { host, pid, process_start, operation, since_unix_ms, expires_unix_ms } = found
  if (host === null || pid === null) return null
  return {
    owner: { host, pid, processStart: process_start ?? '' },
    operation: operation ?? '',
    sinceUnixMs: since_unix_ms ?? 0,
    expiresUnixMs: expires_unix_ms ?? 0,
  }
}
