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
import { requests } from './requests.ts'

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
  const { forgetTaken, ...asked } = requests(database)
  const keep = database.prepare('INSERT OR REPLACE INTO blocked VALUES (?, ?, ?, ?, ?, NULL)')
  const sealBlocked = database.prepare(seal('blocked'))
  const kept = database.prepare(
    `SELECT * FROM blocked WHERE ${isSound('blocked')} ORDER BY at_unix_ms DESC, digest`,
  )
  const drop = database.prepare('DELETE FROM blocked WHERE digest = ?1 OR image = ?1 RETURNING *')

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
        forgetTaken(rollout)
        return 'appended'
      }),
    unreadable: async (rollout) => journals.unreadable(rollout),
    events: async (rollout, skip) => journals.events(rollout, skip),
    releaseOf: async (rollout) => journals.releaseOf(rollout),
    list: async () => journals.list(),
    settleHistory: async () => journals.settleHistory(),
    ...asked,
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
