/** Journals of rollouts. What a list shows is kept beside them, so that it reads none of them. */
import { z } from 'zod'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import { decodeEvent, encodeEvent } from '../../core/rollout/journal/format.ts'
import { reason } from '../../core/rollout/reason.ts'
import { summarize, summaryStatuses, type RolloutSummary } from '../../core/rollout/summary.ts'
import type { Journals } from '../../ports/rollout-store.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Database, Transaction } from './database.ts'

/** Times that are kept of each device. */
const remembered = 20

const summarySchema = z.strictObject({
  rollout: z.string(),
  startedUnixMs: z.int(),
  changedUnixMs: z.int(),
  by: z.string(),
  why: z.string().transform(reason),
  image: z.string(),
  imageAsWritten: z.string(),
  digest: z.string(),
  devices: z.int(),
  status: z.enum(summaryStatuses),
})

export async function appendEvents(
  own: Transaction,
  rollout: string,
  events: readonly RolloutEvent[],
): Promise<void> {
  const [known] = await own`SELECT summary, events FROM rollouts WHERE rollout = ${rollout}`
  const before = known === undefined ? null : summaryOf(known['summary'])
  const summary = summarize(before, rollout, events)
  if (summary === null) return
  let sequence = Number(known?.['events'] ?? 0)
  for (const event of events) {
    sequence += 1
    await own`INSERT INTO events VALUES (${rollout}, ${sequence}, ${encodeEvent(event)})`
    if (event.type === 'healthy') await learn(own, event)
  }
  const text = JSON.stringify(summary)
  await own`INSERT INTO rollouts VALUES (${rollout}, ${summary.startedUnixMs}, ${text}, ${sequence})
    ON CONFLICT (rollout) DO UPDATE SET summary = ${text}, events = ${sequence}`
}

/** Learned from whole observations only. */
async function learn(
  own: Transaction,
  { device, atUnixMs, settledSeconds }: Extract<RolloutEvent, { type: 'healthy' }>,
): Promise<void> {
  if (settledSeconds === null) return
  await own`INSERT INTO settled VALUES (${device}, ${atUnixMs}, ${settledSeconds})
    ON CONFLICT (device, at_unix_ms) DO UPDATE SET seconds = ${settledSeconds}`
  await own`DELETE FROM settled WHERE device = ${device} AND at_unix_ms < (
    SELECT at_unix_ms FROM settled WHERE device = ${device}
    ORDER BY at_unix_ms DESC LIMIT 1 OFFSET ${remembered - 1})`
}

export function readJournals(sql: Database): Omit<Journals, 'append'> {
  const rowsOf = async (rollout: string, skip: number): Promise<readonly ReadRow[]> =>
    (
      await sql`SELECT sequence, body FROM events
        WHERE rollout = ${rollout} AND sequence > ${skip} ORDER BY sequence`
    ).map((row) => ({
      sequence: Number(row['sequence']),
      event: decodeEvent(String(row['body'])),
    }))
  return {
    events: async (rollout, skip = 0) =>
      (await rowsOf(rollout, skip)).flatMap(({ event }) => (event.ok ? [event.value] : [])),
    async unreadable(rollout) {
      const rows = await rowsOf(rollout, 0)
      const [kept] = await sql`SELECT events FROM rollouts WHERE rollout = ${rollout}`
      const bySequence = new Map(rows.map((row) => [row.sequence, row.event]))
      const length = Math.max(Number(kept?.['events'] ?? 0), rows.at(-1)?.sequence ?? 0)
      return Array.from({ length }, (_, index) => index + 1).flatMap((sequence) => {
        const event = bySequence.get(sequence)
        if (event === undefined) return [{ sequence, why: 'is missing' }]
        return event.ok ? [] : [{ sequence, why: event.failure }]
      })
    },
    async releaseOf(rollout) {
      const [row] = await sql`SELECT body FROM events WHERE rollout = ${rollout} AND sequence = 1`
      const event = row === undefined ? null : decodeEvent(String(row['body']))
      return event?.ok === true && event.value.type === 'started' ? event.value.release : null
    },
    list: async () =>
      (await sql`SELECT summary FROM rollouts ORDER BY started_unix_ms DESC, rollout DESC`).map(
        (row) => summaryOf(row['summary']),
      ),
    async settleHistory() {
      const rows = await sql`SELECT device, seconds FROM settled ORDER BY at_unix_ms DESC`
      const byDevice = Map.groupBy(rows, (row) => String(row['device']))
      const times = [...byDevice].map(([device, found]): [string, number[]] => [
        device,
        found.map((row) => Number(row['seconds'])),
      ])
      return { times: new Map(times), damaged: 0 }
    },
  }
}

interface ReadRow {
  readonly sequence: number
  readonly event: Result<RolloutEvent, string>
}

function summaryOf(text: unknown): RolloutSummary {
  return summarySchema.parse(JSON.parse(String(text)))
}
