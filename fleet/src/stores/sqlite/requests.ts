/** What was asked of rollouts that other processes run. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { reason } from '../../core/rollout/reason.ts'
import type { Requests } from '../../ports/rollout-store.ts'
import { inTransaction } from './database.ts'
import { seal } from './row-checksums.ts'

const requestRow = z.object({
  id: z.int(),
  action: z.enum(['pause', 'resume', 'promote', 'abort', 'rollback']),
  asked_by: z.string(),
  why: z.string().transform(reason),
})

/** `forgetTaken` belongs into the transaction that tells what came of them. */
export function requests(
  database: DatabaseSync,
): Requests & { readonly forgetTaken: (rollout: string) => void } {
  const ask = database.prepare(
    'INSERT INTO requests (rollout, action, asked_by, why) VALUES (?, ?, ?, ?)',
  )
  const asked = database.prepare('SELECT * FROM requests WHERE rollout = ? AND id > ? ORDER BY id')
  const open = database.prepare('SELECT rollout FROM requests GROUP BY rollout ORDER BY min(id)')
  const answered = database.prepare('DELETE FROM requests WHERE rollout = ? AND id <= ?')
  const sealThem = database.prepare(seal('requests'))
  /** Newest request of each rollout that was handed out. */
  const taken = new Map<string, number>()
  return {
    async request(rollout, { action, by, why }) {
      inTransaction(database, () => {
        ask.run(rollout, action, by, why)
        sealThem.run()
      })
    },
    async takeRequests(rollout) {
      const rows = asked.all(rollout, taken.get(rollout) ?? 0).map((row) => requestRow.parse(row))
      const last = rows.at(-1)
      if (last !== undefined) taken.set(rollout, last.id)
      return rows.map(({ action, asked_by: by, why }) => ({ action, by, why }))
    },
    requested: async () => open.all().map(({ rollout }) => String(rollout)),
    forgetTaken: (rollout) => void answered.run(rollout, taken.get(rollout) ?? 0),
  }
}
