/** The tables of the file in which rollouts are remembered, and how older ones become those. */
import type { DatabaseSync } from 'node:sqlite'
import { giveOrigin } from './origin.ts'
import { addChecksums, seal } from './row-checksums.ts'
import { versionOf } from './user-version.ts'

/** Of the tables below; a file of a later version is refused, and one of an earlier one upgraded. */
export const version = 4

export const pragmas = `
PRAGMA busy_timeout = 5000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
`

const known = `
CREATE TABLE IF NOT EXISTS known (
  device TEXT PRIMARY KEY,
  reached TEXT NOT NULL,
  checksum TEXT
) WITHOUT ROWID;
`

const tables = `
CREATE TABLE IF NOT EXISTS lease (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  epoch INTEGER NOT NULL,
  host TEXT,
  pid INTEGER,
  process_start TEXT,
  operation TEXT,
  since_unix_ms INTEGER,
  expires_unix_ms INTEGER,
  checksum TEXT
);
INSERT OR IGNORE INTO lease (only_row, epoch) VALUES (1, 0);
${seal('lease')};
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
  status TEXT NOT NULL,
  events INTEGER,
  checksum TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  rollout TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  body TEXT NOT NULL,
  checksum TEXT,
  PRIMARY KEY (rollout, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled (
  device TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  seconds REAL NOT NULL,
  checksum TEXT,
  PRIMARY KEY (device, at_unix_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rollout TEXT NOT NULL,
  action TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  why TEXT NOT NULL,
  checksum TEXT
);
CREATE TABLE IF NOT EXISTS blocked (
  digest TEXT PRIMARY KEY,
  image TEXT NOT NULL,
  rollout TEXT NOT NULL,
  why TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  checksum TEXT
) WITHOUT ROWID;
${known}
PRAGMA user_version = ${version};
`

export function createTables(database: DatabaseSync): void {
  database.exec(tables)
  giveOrigin(database)
}

/** Two processes may find the same old file: the second one waits, and finds the new one. */
export function upgrade(database: DatabaseSync): void {
  if (versionOf(database) === version) return
  database.exec('BEGIN IMMEDIATE')
  try {
    if (versionOf(database) === 1) fromVersion1(database)
    if (versionOf(database) === 2) fromVersion2(database)
    if (versionOf(database) === 3) fromVersion3(database)
    if (versionOf(database) !== version) throw new Error('its version is none that there was')
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Events had no checksum and were not counted; blocked releases were called held, and `rolling-back` `going-back`. */
function fromVersion1(database: DatabaseSync): void {
  const names = new Set(
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
  )
  if (names.has('held') && !names.has('blocked')) {
    database.exec('ALTER TABLE held RENAME TO blocked')
  } else if (names.has('held')) {
    database.exec('INSERT OR IGNORE INTO blocked SELECT * FROM held; DROP TABLE held')
  }
  database.exec(`ALTER TABLE events ADD COLUMN checksum TEXT;
    ALTER TABLE rollouts ADD COLUMN events INTEGER;
    UPDATE rollouts SET status = 'rolling-back' WHERE status = 'going-back';
    PRAGMA user_version = 2`)
}

/** Only events had a checksum. */
function fromVersion2(database: DatabaseSync): void {
  addChecksums(database)
  database.exec('PRAGMA user_version = 3')
}

/** Devices were not known by themselves. */
function fromVersion3(database: DatabaseSync): void {
  database.exec(`${known}PRAGMA user_version = ${version}`)
}
