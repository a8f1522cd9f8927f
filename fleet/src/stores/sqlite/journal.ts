/** Journals of rollouts. What a list shows is kept beside them, so that it reads none of them. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { decodeEvent, encodeEvent } from '../../core/rollout/journal/format.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import { sha256Hex } from '../../core/hash/sha256.ts'
import type { UnreadableEvent } from '../../ports/rollout-store.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { Release } from '../../core/rollout/plan.ts'
import { reason } from '../../core/rollout/reason.ts'
import { summarize, summaryStatuses, type RolloutSummary } from '../../core/rollout/summary.ts'
import { isSound, seal } from './row-checksums.ts'
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
    'INSERT OR REPLACE INTO rollouts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)',
  )
  const sealIt = database.prepare(seal('rollouts', 'rollout = ?'))
  const one = database.prepare('SELECT * FROM rollouts WHERE rollout = ?')
  const newest = database.prepare(
    'SELECT sequence FROM events WHERE rollout = ? ORDER BY sequence DESC LIMIT 1',
  )
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?)')
  const bodies = database.prepare(
    'SELECT * FROM events WHERE rollout = ? AND sequence > ? ORDER BY sequence',
  )
  const all = database.prepare(
    `SELECT * FROM rollouts WHERE ${isSound('rollouts')}
     ORDER BY started_unix_ms DESC, rollout DESC`,
  )
  const settled = settleHistory(database)
  const rowsOf = (rollout: string, skip: number): readonly ReadRow[] =>
    bodies.all(rollout, skip).map((found) => readRow(rollout, found))

  return {
    append: (rollout: string, events: readonly RolloutEvent[]): void => {
      const known = one.get(rollout)
      const before = known === undefined ? null : summaryOf(known)
      const summary = summarize(before, rollout, events)
      if (summary === null) return
      let sequence = Number(newest.get(rollout)?.['sequence'] ?? 0)
      for (const event of events) {
        sequence += 1
        const body = encodeEvent(event)
        insert.run(rollout, sequence, body, checksumOf(rollout, sequence, body))
        if (event.type === 'healthy') settled.add(event)
      }
      write.run(...columnsOf(summary), sequence)
      sealIt.run(rollout)
    },
    events: (rollout: string, skip = 0): readonly RolloutEvent[] =>
      rowsOf(rollout, skip).flatMap(({ event }) => (event.ok ? [event.value] : [])),
    unreadable: (rollout: string): readonly UnreadableEvent[] => {
      const rows = rowsOf(rollout, 0)
      const broken = rows.flatMap(({ sequence, event }) =>
        event.ok ? [] : [{ sequence, why: event.failure }],
      )
      const known: ReadonlySet<number> = new Set(rows.map(({ sequence }) => sequence))
      const counted = Number(one.get(rollout)?.['events'] ?? 0)
      const length = Math.max(counted, rows.at(-1)?.sequence ?? 0)
      const missing = Array.from({ length }, (_, index) => index + 1)
        .filter((sequence) => !known.has(sequence))
        .map((sequence) => ({ sequence, why: 'is missing' }))
      return [...broken, ...missing].toSorted((a, b) => a.sequence - b.sequence)
    },
    releaseOf(rollout: string): Release | null {
      const [first] = rowsOf(rollout, 0)
      const event = first?.event
      return event?.ok === true && event.value.type === 'started' ? event.value.release : null
    },
    list: (): readonly RolloutSummary[] => all.all().map(summaryOf),
    settleHistory: settled.read,
  }
}

interface ReadRow {
  readonly sequence: number
  readonly event: Result<RolloutEvent, string>
}

/** A row without a checksum is of the version before there were any. */
export function readRow(rollout: string, row: Readonly<Record<string, unknown>>): ReadRow {
  const [sequence, body, checksum] = [Number(row['sequence']), String(row['body']), row['checksum']]
  const isSound = checksum === null || checksum === checksumOf(rollout, sequence, body)
  return { sequence, event: isSound ? decodeEvent(body) : fail('is not what was written') }
}

/** Over what a row says and where it stands: one bit that flips, or a row that moves, is seen. */
function checksumOf(rollout: string, sequence: number, body: string): string {
  return sha256Hex(`${rollout}\n${sequence}\n${body}`)
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

export function columnsOf(summary: RolloutSummary): (string | number)[] {
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
