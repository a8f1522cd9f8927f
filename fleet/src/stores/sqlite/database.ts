/** The file in which rollouts are remembered: written through to the disk, readable after any crash. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Of the tables below; a file of a later version is refused. */
const version = 1

const schema = `
PRAGMA busy_timeout = 5000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS lease (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  epoch INTEGER NOT NULL,
  host TEXT,
  pid INTEGER,
  process_start TEXT,
  operation TEXT,
  since_unix_ms INTEGER,
  expires_unix_ms INTEGER
);
INSERT OR IGNORE INTO lease (only_row, epoch) VALUES (1, 0);
CREATE TABLE IF NOT EXISTS rollouts (
  rollout TEXT PRIMARY KEY,
  started_unix_ms INTEGER NOT NULL,
  changed_unix_ms INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  why TEXT NOT NULL,
  image TEXT NOT NULL,
  image_as_written TEXT NOT NULL,
  digest TEXT NOT NULL,
  devices INTEGER NOT NULL,
  status TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  rollout TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (rollout, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled (
  device TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (device, at_unix_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rollout TEXT NOT NULL,
  action TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  why TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS blocked (
  digest TEXT PRIMARY KEY,
  image TEXT NOT NULL,
  rollout TEXT NOT NULL,
  why TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = ${version};
`

/** `:memory:` for one that is gone when it is closed. Throws when it cannot be used; it is never replaced. */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(path)
  try {
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (found > version) throw new Error('it was written by a later version of timeball')
    database.exec(schema)
    return database
  } catch (error) {
    database.close()
    throw error
  }
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
