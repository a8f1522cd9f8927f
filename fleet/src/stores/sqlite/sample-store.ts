/**
 * Clock samples in a SQLite file. Two commands may write at the same time; a file that cannot be
 * read is put aside, because a history is never a reason not to measure.
 */
import { dirname } from 'node:path'
import { makeFolder } from '@timeball/lib/files.ts'
import { clockVerdicts, type ClockVerdict } from '../../core/clock/server.ts'
import { defaultRetention, type ClockSample, type Retention } from '../../core/clock/sample.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import { inTransaction } from './database.ts'
import { openOrReplace } from './open-or-replace.ts'

/** A server can have more than its bound by about its hundredth part. */
const countedShare = 100

/** `:memory:` for a store that is gone when it is closed. Rejects when the folder cannot be written. */
export async function openSampleStore(
  path: string,
  retention: Retention = defaultRetention,
): Promise<SampleStore> {
  if (path !== ':memory:') makeFolder(dirname(path), 0o700)
  const database = openOrReplace(path, { sql: schema, version })
  const insert = database.prepare(insertSql)
  const select = database.prepare(
    'SELECT * FROM samples WHERE server = ? AND at_unix_ms >= ? ORDER BY at_unix_ms DESC LIMIT ?',
  )
  const dropOld = database.prepare('DELETE FROM samples WHERE server = ? AND at_unix_ms < ?')
  const nthNewest = database.prepare(
    'SELECT at_unix_ms FROM samples WHERE server = ? ORDER BY at_unix_ms DESC LIMIT 1 OFFSET ?',
  )

  function prune({ server, atUnixMs }: ClockSample): void {
    dropOld.run(server, atUnixMs - retention.maxAgeMs)
    // Counting is slow, so that of many samples only a few are counted at each append.
    if (Math.random() * retention.maxPerServer > countedShare) return
    const oldest = nthNewest.get(server, retention.maxPerServer - 1)?.['at_unix_ms']
    if (typeof oldest === 'number') dropOld.run(server, oldest)
  }

  return {
    async append(samples) {
      inTransaction(database, () => {
        for (const sample of samples) {
          insert.run(...columnsOf(sample))
          prune(sample)
        }
      })
    },
    history: async (server, sinceUnixMs, newest) =>
      select.all(server, sinceUnixMs, newest).map(sampleOfRow).toReversed(),
    close: async () => database.close(),
  }
}

/** Of the table; columns are only ever added to it. `test/` has a file of each version. */
const version = 1

const schema = `
PRAGMA busy_timeout = 5000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS samples (
  server TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  offset_seconds REAL,
  error_seconds REAL,
  delay_seconds REAL,
  stratum INTEGER,
  root_dispersion_seconds REAL,
  reference_age_seconds REAL,
  kiss TEXT,
  PRIMARY KEY (server, at_unix_ms)
) WITHOUT ROWID;
`

/** By name, so that a file of a version which added columns is written, too. */
const insertSql = `INSERT OR REPLACE INTO samples (server, at_unix_ms, verdict, offset_seconds,
  error_seconds, delay_seconds, stratum, root_dispersion_seconds, reference_age_seconds, kiss)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

function columnsOf(sample: ClockSample): (string | number | null)[] {
  return [
    sample.server,
    sample.atUnixMs,
    sample.verdict,
    sample.offsetSeconds,
    sample.errorSeconds,
    sample.delaySeconds,
    sample.stratum,
    sample.rootDispersionSeconds,
    sample.referenceAgeSeconds,
    sample.kiss,
  ]
}

function sampleOfRow(row: Readonly<Record<string, unknown>>): ClockSample {
  const number = (name: string): number | null => {
    const value = row[name]
    return typeof value === 'number' ? value : null
  }
  return {
    server: String(row['server']),
    atUnixMs: number('at_unix_ms') ?? 0,
    verdict: verdictOf(row['verdict']),
    offsetSeconds: number('offset_seconds'),
    errorSeconds: number('error_seconds'),
    delaySeconds: number('delay_seconds'),
    stratum: number('stratum'),
    rootDispersionSeconds: number('root_dispersion_seconds'),
    referenceAgeSeconds: number('reference_age_seconds'),
    kiss: typeof row['kiss'] === 'string' ? row['kiss'] : null,
  }
}

/** A word of a later version is not known here. */
function verdictOf(value: unknown): ClockVerdict {
  return clockVerdicts.find((verdict) => verdict === value) ?? 'undecidable'
}
