/** What rollouts remember, in a SQLite file that several processes may have open. */
import { z } from 'zod'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import type { Lease, LeaseOwner } from '../../core/rollout/lease.ts'
import { reason } from '../../core/rollout/reason.ts'
import { inTransaction, openDatabase } from './database.ts'
import { fleetLease } from './fleet-lease.ts'
import { journal } from './journal.ts'

export interface RolloutStoreOptions {
  /** `false` only for a process that is known to have ended. */
  readonly isAlive: (owner: LeaseOwner) => boolean
}

const requestRow = z.object({
  id: z.int(),
  action: z.enum(['pause', 'resume', 'promote', 'abort', 'rollback']),
  asked_by: z.string(),
  why: z.string().transform(reason),
})

const heldRow = z.object({
  digest: z.string(),
  image: z.string(),
  rollout: z.string(),
  why: z.string().transform(reason),
  at_unix_ms: z.int(),
})

/** The port is `app/rollout/rollout-store.ts`. Throws when the file cannot be used. */
export function openRolloutStore(path: string, { isAlive }: RolloutStoreOptions) {
  const database = openDatabase(path)
  const { isBlocked, ...lease } = fleetLease(database, isAlive)
  const { append, ...rollouts } = journal(database)
  const ask = database.prepare(
    'INSERT INTO requests (rollout, action, asked_by, why) VALUES (?, ?, ?, ?)',
  )
  const asked = database.prepare('SELECT * FROM requests WHERE rollout = ? AND id > ? ORDER BY id')
  const answered = database.prepare('DELETE FROM requests WHERE rollout = ? AND id <= ?')
  const keep = database.prepare('INSERT OR REPLACE INTO blocked VALUES (?, ?, ?, ?, ?)')
  const kept = database.prepare('SELECT * FROM blocked ORDER BY at_unix_ms DESC, digest')
  const drop = database.prepare('DELETE FROM blocked WHERE digest = ?1 OR image = ?1 RETURNING *')
  /** Newest request of each rollout that was handed out. */
  const taken = new Map<string, number>()

  return {
    ...lease,
    ...rollouts,
    append: (rollout: string, events: readonly RolloutEvent[], by: Lease): 'appended' | 'fenced' =>
      inTransaction(database, () => {
        if (!isBlocked(by)) return 'fenced'
        append(rollout, events)
        answered.run(rollout, taken.get(rollout) ?? 0)
        return 'appended'
      }),
    request(rollout: string, { action, by, why }: RolloutRequest): void {
      ask.run(rollout, action, by, why)
    },
    takeRequests(rollout: string): readonly RolloutRequest[] {
      const rows = asked.all(rollout, taken.get(rollout) ?? 0).map((row) => requestRow.parse(row))
      const last = rows.at(-1)
      if (last !== undefined) taken.set(rollout, last.id)
      return rows.map(({ action, asked_by: by, why }) => ({ action, by, why }))
    },
    hold({ digest, image, rollout, why, atUnixMs }: BlockedRelease): void {
      keep.run(digest, image, rollout, why, atUnixMs)
    },
    blocked: (): readonly BlockedRelease[] => kept.all().map(heldOf),
    unblock: (release: string): readonly BlockedRelease[] => drop.all(release).map(heldOf),
    close: () => database.close(),
  }
}

function heldOf(found: unknown): BlockedRelease {
  const { at_unix_ms: atUnixMs, ...row } = heldRow.parse(found)
  return { ...row, atUnixMs }
}
