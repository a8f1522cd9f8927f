/** The lease of the fleet: one row that says who may change devices. */
import type { DatabaseSync } from 'node:sqlite'
import {
  acquireLease,
  holderOf,
  isHeldBy,
  renewLease,
  type Acquired,
  type IsAlive,
  type Lease,
  type LeaseHolder,
  type LeaseRecord,
  type LeaseWish,
} from '../../core/rollout/lease.ts'
import { recordOf, rowOf } from '../lease-row.ts'
import { inTransaction } from './database.ts'
import { seal } from './row-checksums.ts'

export function fleetLease(database: DatabaseSync, isAlive: IsAlive) {
  const select = database.prepare('SELECT * FROM lease')
  const update = database.prepare(
    `UPDATE lease SET epoch = :epoch, host = :host, pid = :pid, process_start = :process_start,
       operation = :operation, since_unix_ms = :since_unix_ms, expires_unix_ms = :expires_unix_ms`,
  )
  const sealIt = database.prepare(seal('lease', 'only_row = 1'))
  const read = (): LeaseRecord => recordOf(select.get())
  const write = (record: LeaseRecord): void => {
    update.run(rowOf(record))
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
