/** The history of clocks in a SQLite file of its own, which only the controller writes. */
import { dirname } from 'node:path'
import { makeFolder } from '@timeball/lib/files.ts'
import type { ClockSample } from '../../core/clock/sample.ts'
import {
  isGoodSample,
  pointAt,
  stepBounds,
  steps,
  type ClockPoint,
} from '../../core/clock/series.ts'
import type { SeriesStore } from '../../ports/series-store.ts'
import { inTransaction } from './database.ts'
import { openOrReplace } from './open-or-replace.ts'

/** Between two looks for what is too old. */
const pruneEveryMs = 3_600_000

/** `:memory:` for one that is gone when it is closed. Rejects when the folder cannot be written. */
export async function openSeriesStore(path: string): Promise<SeriesStore> {
  if (path !== ':memory:') makeFolder(dirname(path), 0o700)
  const database = openOrReplace(path, { sql, version: 1 })
  const named = database.prepare('INSERT OR IGNORE INTO servers (name) VALUES (?)')
  const add = database.prepare(addSql)
  const select = database.prepare(selectSql)
  const dropOld = database.prepare(`DELETE FROM points
    WHERE server = (SELECT id FROM servers WHERE name = ?) AND step = ? AND at_unix_ms < ?`)
  const prunedMs = new Map<string, number>()

  function prune({ server, atUnixMs }: ClockSample): void {
    const sinceMs = Math.abs(atUnixMs - (prunedMs.get(server) ?? -Infinity))
    if (sinceMs < pruneEveryMs) return
    prunedMs.set(server, atUnixMs)
    for (const [index, step] of steps.entries()) {
      dropOld.run(server, index, atUnixMs - stepBounds[step].keptMs)
    }
  }

  return {
    async append(samples) {
      inTransaction(database, () => {
        for (const sample of samples) {
          named.run(sample.server)
          const { offsetSeconds: offset, errorSeconds: error } = sample
          const good = isGoodSample(sample) ? 1 : 0
          const measured = offset === null ? 0 : 1
          const values = [good, measured, offset ?? 0, offset, offset, error]
          for (const [index, step] of steps.entries()) {
            add.run(sample.server, index, pointAt(sample.atUnixMs, step), ...values)
          }
          prune(sample)
        }
      })
    },
    points: async (server, { step, sinceUnixMs, untilUnixMs, newest }) =>
      select
        .all(server, steps.indexOf(step), sinceUnixMs, untilUnixMs, newest)
        .map(pointOfRow)
        .toReversed(),
    close: async () => database.close(),
  }
}

const sql = `
PRAGMA busy_timeout = 5000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS servers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS points (
  server INTEGER NOT NULL,
  step INTEGER NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  sweeps INTEGER NOT NULL,
  good INTEGER NOT NULL,
  measured INTEGER NOT NULL,
  offset_sum REAL NOT NULL,
  offset_min REAL,
  offset_max REAL,
  error_max REAL,
  PRIMARY KEY (server, step, at_unix_ms)
) WITHOUT ROWID;
`

/** SQLite's min() and max() of several values are NULL where one of them is. */
const addSql = `INSERT INTO points VALUES
  ((SELECT id FROM servers WHERE name = ?), ?, ?, 1, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    sweeps = sweeps + 1,
    good = good + excluded.good,
    measured = measured + excluded.measured,
    offset_sum = offset_sum + excluded.offset_sum,
    offset_min = min(coalesce(offset_min, excluded.offset_min), coalesce(excluded.offset_min, offset_min)),
    offset_max = max(coalesce(offset_max, excluded.offset_max), coalesce(excluded.offset_max, offset_max)),
    error_max = max(coalesce(error_max, excluded.error_max), coalesce(excluded.error_max, error_max))`

const selectSql = `SELECT * FROM points
  WHERE server = (SELECT id FROM servers WHERE name = ?) AND step = ?
    AND at_unix_ms >= ? AND at_unix_ms <= ?
  ORDER BY at_unix_ms DESC LIMIT ?`

function pointOfRow(row: Readonly<Record<string, unknown>>): ClockPoint {
  const number = (name: string): number | null => {
    const value = row[name]
    return typeof value === 'number' ? value : null
  }
  const measured = number('measured') ?? 0
  return {
    atUnixMs: number('at_unix_ms') ?? 0,
    sweeps: number('sweeps') ?? 0,
    good: number('good') ?? 0,
    offsetSeconds: measured === 0 ? null : (number('offset_sum') ?? 0) / measured,
    offsetMinSeconds: number('offset_min'),
    offsetMaxSeconds: number('offset_max'),
    errorSeconds: number('error_max'),
  }
}
