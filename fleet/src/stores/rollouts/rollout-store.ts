/** What rollouts remember, in a SQLite file that several processes may have open. */
import { z } from 'zod'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import type { HeldRelease } from '../../core/rollout/held-release.ts'
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
  const { isHeld, ...lease } = fleetLease(database, isAlive)
  const { append, ...rollouts } = journal(database)
  const ask = database.prepare(
    'INSERT INTO requests (rollout, action, asked_by, why) VALUES (?, ?, ?, ?)',
  )
  const asked = database.prepare('SELECT * FROM requests WHERE rollout = ? AND id > ? ORDER BY id')
  const answered = database.prepare('DELETE FROM requests WHERE rollout = ? AND id <= ?')
  const keep = database.prepare('INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?)')
  const kept = database.prepare('SELECT * FROM held ORDER BY at_unix_ms DESC, digest')
  const drop = database.prepare('DELETE FROM held WHERE digest = ?1 OR image = ?1 RETURNING *')
  /** Newest request of each rollout that was handed out. */
  const taken = new Map<string, number>()

  return {
    ...lease,
    ...rollouts,
    append: (rollout: string, events: readonly RolloutEvent[], by: Lease): 'appended' | 'fenced' =>
      inTransaction(database, () => {
        if (!isHeld(by)) return 'fenced'
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
    hold({ digest, image, rollout, why, atUnixMs }: HeldRelease): void {
      keep.run(digest, image, rollout, why, atUnixMs)
    },
    held: (): readonly HeldRelease[] => kept.all().map(heldOf),
    lift: (release: string): readonly HeldRelease[] => drop.all(release).map(heldOf),
    close: () => database.close(),
  }
}

function heldOf(found: unknown): HeldRelease {
  const { at_unix_ms: atUnixMs, ...row } = heldRow.parse(found)
  return { ...row, atUnixMs }
}
