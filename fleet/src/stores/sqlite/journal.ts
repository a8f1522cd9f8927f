/** Journals of rollouts. What a list shows is kept beside them, so that it reads none of them. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { decodeEvent, encodeEvent } from '../../core/rollout/journal/format.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { Release } from '../../core/rollout/plan.ts'
import { reason } from '../../core/rollout/reason.ts'
import { summarize, summaryStatuses, type RolloutSummary } from '../../core/rollout/summary.ts'
import { settleHistory } from './settle-history.ts'

const summaryRow = z.object({
  rollout: z.string(),
  started_unix_ms: z.int(),
  changed_unix_ms: z.int(),
  started_by: z.string(),
  why: z.string().transform(reason),
  image: z.string(),
  image_as_written: z.string(),
  digest: z.string(),
  devices: z.int(),
  status: z.enum(summaryStatuses),
})

/** `append` wants to be inside a transaction. */
export function journal(database: DatabaseSync) {
  const write = database.prepare(
    'INSERT OR REPLACE INTO rollouts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const one = database.prepare('SELECT * FROM rollouts WHERE rollout = ?')
  const newest = database.prepare(
    'SELECT sequence FROM events WHERE rollout = ? ORDER BY sequence DESC LIMIT 1',
  )
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?)')
  const bodies = database.prepare(
    'SELECT body FROM events WHERE rollout = ? AND sequence > ? ORDER BY sequence',
  )
  const body = database.prepare('SELECT body FROM events WHERE rollout = ? AND sequence = 1')
  const all = database.prepare('SELECT * FROM rollouts ORDER BY started_unix_ms DESC, rollout DESC')
  const settled = settleHistory(database)

  return {
    append: (rollout: string, events: readonly RolloutEvent[]): void => {
      const known = one.get(rollout)
      const before = known === undefined ? null : summaryOf(known)
      const summary = summarize(before, rollout, events)
      if (summary === null) return
      let sequence = Number(newest.get(rollout)?.['sequence'] ?? 0)
      for (const event of events) {
        sequence += 1
        insert.run(rollout, sequence, encodeEvent(event))
        if (event.type === 'healthy') settled.add(event)
      }
      write.run(...columnsOf(summary))
    },
    events: (rollout: string, skip = 0): readonly RolloutEvent[] =>
      bodies.all(rollout, skip).map((found) => read(found['body'])),
    releaseOf(rollout: string): Release | null {
      const found = body.get(rollout)
      if (found === undefined) return null
      const first = read(found['body'])
      return first.type === 'started' ? first.release : null
    },
    list: (): readonly RolloutSummary[] => all.all().map(summaryOf),
    settleHistory: settled.read,
  }
}

function read(body: unknown): RolloutEvent {
  const event = decodeEvent(String(body))
  if (!event.ok) throw new Error(`an event of the journal ${event.failure}`)
  return event.value
}

function summaryOf(found: unknown): RolloutSummary {
  const row = summaryRow.parse(found)
  return {
    rollout: row.rollout,
    startedUnixMs: row.started_unix_ms,
    changedUnixMs: row.changed_unix_ms,
    by: row.started_by,
    why: row.why,
    image: row.image,
    imageAsWritten: row.image_as_written,
    digest: row.digest,
    devices: row.devices,
    status: row.status,
  }
}

function columnsOf(summary: RolloutSummary): (string | number)[] {
  return [
    summary.rollout,
    summary.startedUnixMs,
    summary.changedUnixMs,
    summary.by,
    summary.why,
    summary.image,
    summary.imageAsWritten,
    summary.digest,
    summary.devices,
    summary.status,
  ]
}
