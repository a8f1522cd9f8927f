/**
 * A checksum in each row of the tables that say what may be done: SQLite's own check sees a broken
 * page, and not a bit of a name or a digest that has become another one. Events have their own, since
 * a journal is read row by row.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { sha256Hex } from '../../core/hash/sha256.ts'

/** What a checksum is over, of each table. */
const columns = {
  lease: 'epoch, host, pid, process_start, operation, since_unix_ms, expires_unix_ms',
  rollouts: `rollout, started_unix_ms, changed_unix_ms, started_by, why, image, image_as_written,
    digest, devices, status, events`,
  settled: 'device, at_unix_ms, seconds',
  requests: 'rollout, action, asked_by, why',
  blocked: 'digest, image, rollout, why, at_unix_ms',
  known: 'device, reached',
} as const
export type CheckedTable = keyof typeof columns

const names: Readonly<Record<CheckedTable, string>> = {
  lease: 'the lease',
  rollouts: 'the list of rollouts',
  settled: 'the settling times',
  requests: 'the requests',
  blocked: 'the blocked releases',
  known: 'the known devices',
}
/** Those that there were before there were checksums. */
const oldTables: readonly CheckedTable[] = ['lease', 'rollouts', 'settled', 'requests', 'blocked']
export const tableNames: readonly CheckedTable[] = [...oldTables, 'known']

/** Gives statements of this connection the function that `sealed` and `isSound` call for each row. */
export function defineChecksum(database: DatabaseSync, onRow: () => void = () => {}): void {
  const options = { varargs: true, deterministic: true, useBigIntArguments: true }
  database.function('row_checksum', options, (...values: SQLOutputValue[]) => {
    onRow()
    return sha256Hex(values.map((value) => `${typeof value} ${String(value)}`).join('\n'))
  })
}

/** SQL: the checksum of the row at hand. */
export function sealed(table: CheckedTable): string {
  return `row_checksum('${table}', ${columns[table]})`
}

/** Gives rows of a table that were just written their checksum. */
export function seal(table: CheckedTable, where = 'checksum IS NULL'): string {
  return `UPDATE ${table} SET checksum = ${sealed(table)} WHERE ${where}`
}

/** SQL: the row at hand is what was written. */
export function isSound(table: CheckedTable): string {
  return `checksum IS ${sealed(table)}`
}

export function addChecksums(database: DatabaseSync): void {
  for (const table of oldTables) {
    database.exec(`ALTER TABLE ${table} ADD COLUMN checksum TEXT; ${seal(table)}`)
  }
}

/** All that says what may be done: settling times only say how long to wait, and there are many. */
export const tablesOfRecord = tableNames.filter((table) => table !== 'settled')

/** What of them is not what was written, as a list for a sentence; `null`: all is. */
export function brokenTables(
  database: DatabaseSync,
  tables: readonly CheckedTable[],
): string | null {
  const broken = tables.filter((table) => {
    const found = database.prepare(`SELECT 1 FROM ${table} WHERE NOT (${isSound(table)}) LIMIT 1`)
    return found.get() !== undefined
  })
  const isLeaseLost = database.prepare('SELECT 1 FROM lease').get() === undefined
  const said = [...broken.map((table) => names[table]), ...(isLeaseLost ? [names.lease] : [])]
  return said.length === 0 ? null : said.join(', ')
}
