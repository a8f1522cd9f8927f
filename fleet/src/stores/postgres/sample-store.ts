/** Clock samples in PostgreSQL: what all controllers of a fleet saw. */
import { z } from 'zod'
import { defaultRetention, type ClockSample, type Retention } from '../../core/clock/sample.ts'
import { clockVerdicts } from '../../core/clock/server.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import { openDatabase, type DatabasePlace, type Transaction } from './database.ts'

const measured = z.number().nullable()

const sampleSchema: z.ZodType<ClockSample> = z.object({
  server: z.string(),
  atUnixMs: z.number(),
  verdict: z.enum(clockVerdicts).catch('undecidable'),
  offsetSeconds: measured,
  errorSeconds: measured,
  delaySeconds: measured,
  stratum: measured,
  rootDispersionSeconds: measured,
  referenceAgeSeconds: measured,
  kiss: z.string().nullable(),
})

/** A server can have more than its bound by about its hundredth part. */
const countedShare = 100

export async function openSampleStore(
  place: DatabasePlace,
  retention: Retention = defaultRetention,
): Promise<SampleStore> {
  const { sql, close } = await openDatabase(place)
  return {
    async append(samples) {
      await sql.begin(async (own) => {
        // In one order, so that two that append at once never wait for each other.
        const sorted = samples.toSorted((a, b) => (a.server < b.server ? -1 : 1))
        for (const sample of sorted) {
          const text = JSON.stringify(sample)
          await own`INSERT INTO samples VALUES (${sample.server}, ${sample.atUnixMs}, ${text})
            ON CONFLICT (server, at_unix_ms) DO UPDATE SET sample = ${text}`
          await prune(own, sample, retention)
        }
      })
    },
    history: async (server, sinceUnixMs, newest) =>
      (
        await sql`SELECT sample FROM samples WHERE server = ${server}
          AND at_unix_ms >= ${Math.ceil(sinceUnixMs)} ORDER BY at_unix_ms DESC LIMIT ${newest}`
      )
        .map((row) => sampleSchema.parse(JSON.parse(String(row['sample']))))
        .toReversed(),
    close,
  }
}

async function prune(
  own: Transaction,
  { server, atUnixMs }: ClockSample,
  { maxAgeMs, maxPerServer }: Retention,
): Promise<void> {
  await own`DELETE FROM samples WHERE server = ${server} AND at_unix_ms < ${atUnixMs - maxAgeMs}`
  // Counting is slow, so that of many samples only a few are counted at each append.
  if (Math.random() * maxPerServer > countedShare) return
  await own`DELETE FROM samples WHERE server = ${server} AND at_unix_ms < (
    SELECT at_unix_ms FROM samples WHERE server = ${server}
    ORDER BY at_unix_ms DESC LIMIT 1 OFFSET ${maxPerServer - 1})`
}
