/** What rollouts remember, in a PostgreSQL database that controllers on several machines share. */
import { z } from 'zod'
import type { Reachable } from '../../core/device/device.ts'
import type { BlockedRelease } from '../../core/rollout/blocked-release.ts'
import { isHeldBy, type IsAlive } from '../../core/rollout/lease.ts'
import { reason } from '../../core/rollout/reason.ts'
import type {
  BlockedReleases,
  KnownDevices,
  Requests,
  RolloutStore,
} from '../../ports/rollout-store.ts'
import { openDatabase, type Database, type DatabasePlace, type Transaction } from './database.ts'
import { fleetLease, lockedLease } from './fleet-lease.ts'
import { appendEvents, readJournals } from './journals.ts'

/** Rejects when the database cannot be used. */
export async function openRolloutStore(
  place: DatabasePlace,
  isAlive: IsAlive,
): Promise<RolloutStore> {
  const { sql, origin, close } = await openDatabase(place)
  const { forgetTaken, ...asked } = requests(sql)
  return {
    origin,
    damage: null,
    ...fleetLease(sql, isAlive),
    ...readJournals(sql),
    ...asked,
    ...blockedReleases(sql),
    ...knownDevices(sql),
    append: (rollout, events, by) =>
      sql.begin(async (own) => {
        if (!isHeldBy(await lockedLease(own), by)) return 'fenced'
        await appendEvents(own, rollout, events)
        await forgetTaken(own, rollout)
        return 'appended'
      }),
    close,
  }
}

const requestRow = z.object({
  id: z.int(),
  action: z.enum(['pause', 'resume', 'promote', 'abort', 'rollback']),
  asked_by: z.string(),
  why: z.string().transform(reason),
})

function requests(sql: Database): Requests & {
  readonly forgetTaken: (own: Transaction, rollout: string) => Promise<void>
} {
  /** Newest request of each rollout that was handed out. */
  const taken = new Map<string, number>()
  return {
    async request(rollout, { action, by, why }) {
      await sql`INSERT INTO requests (rollout, action, asked_by, why)
        VALUES (${rollout}, ${action}, ${by}, ${reason(why)})`
    },
    async takeRequests(rollout) {
      const found = await sql`SELECT * FROM requests
        WHERE rollout = ${rollout} AND id > ${taken.get(rollout) ?? 0} ORDER BY id`
      const rows = found.map((row) => requestRow.parse(row))
      const last = rows.at(-1)
      if (last !== undefined) taken.set(rollout, last.id)
      return rows.map(({ action, asked_by: by, why }) => ({ action, by, why }))
    },
    requested: async () =>
      (await sql`SELECT rollout FROM requests GROUP BY rollout ORDER BY min(id)`).map(
        ({ rollout }) => String(rollout),
      ),
    async forgetTaken(own, rollout) {
      const last = taken.get(rollout) ?? 0
      if (last > 0) await own`DELETE FROM requests WHERE rollout = ${rollout} AND id <= ${last}`
    },
  }
}

const blockedRow = z.object({
  digest: z.string(),
  image: z.string(),
  rollout: z.string(),
  why: z.string().transform(reason),
  at_unix_ms: z.int(),
})

function blockedReleases(sql: Database): BlockedReleases {
  return {
    async block({ digest, image, rollout, why, atUnixMs }) {
      const text = reason(why)
      await sql`INSERT INTO blocked VALUES (${digest}, ${image}, ${rollout}, ${text}, ${atUnixMs})
        ON CONFLICT (digest) DO UPDATE SET image = ${image}, rollout = ${rollout}, why = ${text},
          at_unix_ms = ${atUnixMs}`
    },
    blocked: async () =>
      (await sql`SELECT * FROM blocked ORDER BY at_unix_ms DESC, digest`).map(blockedOf),
    unblock: async (release) =>
      (
        await sql`DELETE FROM blocked WHERE digest = ${release} OR image = ${release} RETURNING *`
      ).map(blockedOf),
  }
}

function blockedOf(found: unknown): BlockedRelease {
  const { at_unix_ms: atUnixMs, ...row } = blockedRow.parse(found)
  return { ...row, atUnixMs }
}

const reached = z.strictObject({
  address: z.string(),
  port: z.int(),
  user: z.string(),
  key: z.string().nullable(),
  args: z.array(z.string()),
})

function knownDevices(sql: Database): KnownDevices {
  return {
    async remember(devices) {
      await sql.begin(async (own) => {
        for (const { name, address, sshPort, user, privateKeyFile, commonArgs } of devices) {
          const way = { address, port: sshPort, user, key: privateKeyFile, args: commonArgs }
          const text = JSON.stringify(way)
          await own`INSERT INTO known VALUES (${name}, ${text})
            ON CONFLICT (device) DO UPDATE SET reached = ${text}`
        }
      })
    },
    known: async () =>
      (await sql`SELECT * FROM known ORDER BY device`).map((row): Reachable => {
        const { address, port, user, key, args } = reached.parse(JSON.parse(String(row['reached'])))
        const name = String(row['device'])
        return { name, address, sshPort: port, user, privateKeyFile: key, commonArgs: args }
      }),
    async forget(device) {
      await sql.begin(async (own) => {
        await own`DELETE FROM known WHERE device = ${device}`
        await own`DELETE FROM settled WHERE device = ${device}`
      })
    },
  }
}
