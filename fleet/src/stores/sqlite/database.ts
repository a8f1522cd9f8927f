/** The file in which rollouts are remembered: written through to the disk, readable after any crash. */
import { existsSync, linkSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '@timeball/lib/files.ts'
import { giveOrigin } from './origin.ts'
import { brokenTables, defineChecksum, tablesOfRecord } from './row-checksums.ts'
import { createTables, pragmas, upgrade, version } from './tables.ts'
import { LaterVersionError, versionOf } from './user-version.ts'

export interface OpenDatabase {
  readonly database: DatabaseSync
  /** Why it is only read, as a sentence without its end; `null`: it can be written, too. */
  readonly damage: string | null
}

/**
 * `:memory:` for one that is gone when it is closed. Throws when it cannot be used; it is never
 * replaced. One that is damaged is opened to be read, as far as that goes.
 */
export function openDatabase(path: string): OpenDatabase {
  if (path !== ':memory:' && !existsSync(path)) create(path)
  if (path !== ':memory:' && statSync(path).size === 0) {
    throw new Error('is empty, and was not: what it knew of rollouts and blocked releases is gone')
  }
  const database = new DatabaseSync(path)
  try {
    defineChecksum(database)
    const damage = damageOf(database) ?? prepared(path, database)
    if (damage === null) return { database, damage }
    database.close()
    return { database: openToRead(path), damage }
  } catch (error) {
    if (database.isOpen) database.close()
    throw error
  }
}

/** Made ready for use; else what is wrong with its rows. */
function prepared(path: string, database: DatabaseSync): string | null {
  database.exec(pragmas)
  if (path === ':memory:') createTables(database)
  upgrade(database)
  giveOrigin(database)
  const broken = brokenTables(database, tablesOfRecord)
  return broken === null ? null : `is damaged (not what was written: ${broken})`
}

export function openToRead(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true })
  defineChecksum(database)
  return database
}

/** Made whole beside its place, so that an empty file is always one that lost its content. */
function create(path: string): void {
  makeFolder(dirname(path), 0o700)
  const draft = `${path}.${process.pid}.new`
  try {
    createDatabase(draft).close()
    linkSync(draft, path)
  } catch (error) {
    // Another process was first.
    if (!existsSync(path)) throw error
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true })
  }
}

export function createDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  defineChecksum(database)
  database.exec(pragmas)
  createTables(database)
  return database
}

/** Throws for what is no database of ours at all. */
function damageOf(database: DatabaseSync): string | null {
  database.exec('PRAGMA cell_size_check = ON')
  if (versionOf(database) > version) throw new LaterVersionError()
  const checked = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  return checked === 'ok' ? null : `is damaged (${String(checked).split('\n')[0] ?? ''})`
}

/** What `work` writes is written wholly or not at all; others wait meanwhile. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const value = work()
    database.exec('COMMIT')
    return value
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
