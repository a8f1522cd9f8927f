/** The lease of the fleet: one row, which is locked for each change of it and for each append. */
import {
  acquireLease,
  holderOf,
  isHeldBy,
  renewLease,
  type IsAlive,
  type LeaseRecord,
} from '../../core/rollout/lease.ts'
import type { FleetLease } from '../../ports/rollout-store.ts'
import { recordOf, rowOf } from '../lease-row.ts'
import type { Database, Transaction } from './database.ts'

export function fleetLease(sql: Database, isAlive: IsAlive): FleetLease {
  return {
    acquire: (wish) =>
      sql.begin(async (own) => {
        const { record, acquired } = acquireLease(await lockedLease(own), wish, isAlive)
        if (record !== null) await write(own, record)
        return acquired
      }),
    renew: (lease, nowMs) =>
      sql.begin(async (own) => {
        const record = renewLease(await lockedLease(own), lease, nowMs)
        if (record !== null) await write(own, record)
        return record !== null
      }),
    release: (lease) =>
      sql.begin(async (own) => {
        const record = await lockedLease(own)
        if (isHeldBy(record, lease)) await write(own, { ...record, held: null })
      }),
    async holder(nowMs) {
      const [found] = await sql`SELECT * FROM lease`
      return holderOf(recordOf(found), nowMs, isAlive)
    },
  }
}

/** Nobody else gets or gives the lease until the transaction has ended. */
export async function lockedLease(own: Transaction): Promise<LeaseRecord> {
  const [found] = await own`SELECT * FROM lease FOR UPDATE`
  return recordOf(found)
}

async function write(own: Transaction, record: LeaseRecord): Promise<void> {
  await own`UPDATE lease SET ${own(rowOf(record))}`
}
