/** The lease of the fleet: one row, which is locked for each change of it and for each append. */
import { z } from 'zod'
import {
  acquireLease,
  holderOf,
  isHeldBy,
  renewLease,
  type HeldLease,
  type IsAlive,
  type LeaseRecord,
} from '../../core/rollout/lease.ts'
import type { FleetLease } from '../../ports/rollout-store.ts'
import type { Database, Transaction } from './database.ts'

const row = z.object({
  epoch: z.int(),
  host: z.string().nullable(),
  pid: z.int().nullable(),
  process_start: z.string().nullable(),
  operation: z.string().nullable(),
  since_unix_ms: z.int().nullable(),
  expires_unix_ms: z.int().nullable(),
})

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

async function write(own: Transaction, { epoch, held }: LeaseRecord): Promise<void> {
  const { host = null, pid = null, processStart = null } = held?.owner ?? {}
  const { operation = null, sinceUnixMs = null, expiresUnixMs = null } = held ?? {}
  await own`UPDATE lease SET epoch = ${epoch}, host = ${host}, pid = ${pid},
    process_start = ${processStart}, operation = ${operation}, since_unix_ms = ${sinceUnixMs},
    expires_unix_ms = ${expiresUnixMs}`
}

function recordOf(found: unknown): LeaseRecord {
  const read = row.parse(found)
  return { epoch: read.epoch, held: heldOf(read) }
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
