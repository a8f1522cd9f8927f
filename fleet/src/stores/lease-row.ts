/** The row of the fleet's lease, as every database has it. */
import { z } from 'zod'
import type { HeldLease, LeaseRecord } from '../core/rollout/lease.ts'

const row = z.object({
  epoch: z.int(),
  host: z.string().nullable(),
  pid: z.int().nullable(),
  process_start: z.string().nullable(),
  operation: z.string().nullable(),
  since_unix_ms: z.int().nullable(),
  expires_unix_ms: z.int().nullable(),
})

type LeaseRow = z.output<typeof row>

/** Throws when a database gives something else. */
export function recordOf(found: unknown): LeaseRecord {
  const read = row.parse(found)
  return { epoch: read.epoch, held: heldOf(read) }
}

function heldOf(found: LeaseRow): HeldLease | null {
  const { host, pid, process_start, operation, since_unix_ms, expires_unix_ms } = found
  if (host === null || pid === null) return null
  return {
    owner: { host, pid, processStart: process_start ?? '' },
    operation: operation ?? '',
    sinceUnixMs: since_unix_ms ?? 0,
    expiresUnixMs: expires_unix_ms ?? 0,
  }
}

export function rowOf({ epoch, held }: LeaseRecord): LeaseRow {
  const { host = null, pid = null, processStart = null } = held?.owner ?? {}
  const { operation = null, sinceUnixMs = null, expiresUnixMs = null } = held ?? {}
  const owner = { host, pid, process_start: processStart }
  return { epoch, ...owner, operation, since_unix_ms: sinceUnixMs, expires_unix_ms: expiresUnixMs }
}
