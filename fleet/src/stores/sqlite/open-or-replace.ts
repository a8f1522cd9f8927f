/** A file of measurements that cannot be read is put aside: it is never a reason not to measure. */
import { renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { versionOf } from './user-version.ts'

export interface Tables {
  /** Makes what is not there yet. */
  readonly sql: string
  /** Columns are only ever added. */
  readonly version: number
}

export function openOrReplace(path: string, tables: Tables): DatabaseSync {
  try {
    return open(path, tables)
  } catch (error) {
    if (!isNoDatabase(error)) throw error
    renameSync(path, `${path}.unreadable`)
    return open(path, tables)
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
function isNoDatabase(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false
  return error.errcode === 11 || error.errcode === 26
}

function open(path: string, { sql, version }: Tables): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    database.exec(sql)
    if (versionOf(database) === 0) database.exec(`PRAGMA user_version = ${version}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
