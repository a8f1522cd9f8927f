/** What rollouts remember, in a SQLite file that several processes may have open. */
import { z } from 'zod'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import type { IsAlive } from '../../core/rollout/lease.ts'
import { reason } from '../../core/rollout/reason.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { inTransaction, openDatabase } from './database.ts'
import { originOf } from './origin.ts'
import { isSound, seal } from './row-checksums.ts'
import { fleetLease } from './fleet-lease.ts'
import { journal } from './journal.ts'
import { knownDevices } from './known-devices.ts'

const requestRow = z.object({
  id: z.int(),
  action: z.enum(['pause', 'resume', 'promote', 'abort', 'rollback']),
  asked_by: z.string(),
  why: z.string().transform(reason),
})

const blockedRow = z.object({
  digest: z.string(),
  image: z.string(),
  rollout: z.string(),
  why: z.string().transform(reason),
  at_unix_ms: z.int(),
})

/** Rejects when the file cannot be used. */
export async function openRolloutStore(path: string, isAlive: IsAlive): Promise<RolloutStore> {
  const { database, damage } = openDatabase(path)
  const lease = fleetLease(database, isAlive)
  const journals = journal(database)
  const ask = database.prepare(
    'INSERT INTO requests (rollout, action, asked_by, why) VALUES (?, ?, ?, ?)',
  )
  const asked = database.prepare('SELECT * FROM requests WHERE rollout = ? AND id > ? ORDER BY id')
  const answered = database.prepare('DELETE FROM requests WHERE rollout = ? AND id <= ?')
  const keep = database.prepare('INSERT OR REPLACE INTO blocked VALUES (?, ?, ?, ?, ?, NULL)')
  const sealBlocked = database.prepare(seal('blocked'))
  const sealRequests = database.prepare(seal('requests'))
  const kept = database.prepare(
    `SELECT * FROM blocked WHERE ${isSound('blocked')} ORDER BY at_unix_ms DESC, digest`,
  )
  const drop = database.prepare('DELETE FROM blocked WHERE digest = ?1 OR image = ?1 RETURNING *')
  /** Newest request of each rollout that was handed out. */
  const taken = new Map<string, number>()

  return {
    origin: originOf(database),
    damage: damage === null ? null : `${path} ${damage}`,
    acquire: async (wish) => lease.acquire(wish),
    renew: async (held, nowMs) => lease.renew(held, nowMs),
    release: async (held) => lease.release(held),
    holder: async (nowMs) => lease.holder(nowMs),
    append: async (rollout, events, by) =>
      inTransaction(database, () => {
        if (!lease.isHeldBy(by)) return 'fenced'
        journals.append(rollout, events)
        answered.run(rollout, taken.get(rollout) ?? 0)
        return 'appended'
      }),
    unreadable: async (rollout) => journals.unreadable(rollout),
    events: async (rollout, skip) => journals.events(rollout, skip),
    releaseOf: async (rollout) => journals.releaseOf(rollout),
    list: async () => journals.list(),
    settleHistory: async () => journals.settleHistory(),
    async request(rollout, { action, by, why }) {
      inTransaction(database, () => {
        ask.run(rollout, action, by, why)
        sealRequests.run()
      })
    },
    async takeRequests(rollout) {
      const rows = asked.all(rollout, taken.get(rollout) ?? 0).map((row) => requestRow.parse(row))
      const last = rows.at(-1)
      if (last !== undefined) taken.set(rollout, last.id)
      return rows.map(({ action, asked_by: by, why }) => ({ action, by, why }))
    },
    async block({ digest, image, rollout, why, atUnixMs }) {
      inTransaction(database, () => {
        keep.run(digest, image, rollout, why, atUnixMs)
        sealBlocked.run()
      })
    },
    blocked: async () => kept.all().map(blockedOf),
    unblock: async (release) => drop.all(release).map(blockedOf),
    ...knownDevices(database),
    close: async () => database.close(),
  }
}

function blockedOf(found: unknown): BlockedRelease {
  const { at_unix_ms: atUnixMs, ...row } = blockedRow.parse(found)
  return { ...row, atUnixMs }
}
