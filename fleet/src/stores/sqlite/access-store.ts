/**
 * Tokens and the audit log in a SQLite file, and the head of the log in a file beside it, so that a
 * log that was cut at its end is noticed. Commands and the controller may write at the same time.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { makeFolder } from '@timeball/lib/files.ts'
import {
  beginning,
  parseAuditLine,
  sealEntry,
  type AuditHead,
} from '../../core/controller/audit.ts'
import { roles } from '../../core/controller/roles.ts'
import type { AccessStore, Tokens } from '../../ports/access-store.ts'
import { inTransaction } from './database.ts'
import { LaterVersionError, versionOf } from './user-version.ts'

const version = 1

const tables = `
PRAGMA busy_timeout = 5000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS tokens (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_unix_ms INTEGER NOT NULL,
  used_unix_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, line TEXT NOT NULL);
`

/** `:memory:` for one that is gone when it is closed. Throws when it cannot be used. */
export function openAccessStore(path: string): AccessStore {
  if (path !== ':memory:') makeFolder(dirname(path), 0o700)
  const database = openDatabase(path)
  const head = path === ':memory:' ? memoryHead() : fileHead(`${path.replace(/\.db$/, '')}.head`)
  const newest = database.prepare('SELECT line FROM audit ORDER BY seq DESC LIMIT 1')
  const insert = database.prepare('INSERT INTO audit (seq, line) VALUES (?, ?)')
  const behind = database.prepare('SELECT line FROM audit WHERE seq > ? ORDER BY seq LIMIT ?')
  const last = database.prepare('SELECT line FROM audit ORDER BY seq DESC LIMIT ?')
  return {
    ...tokensIn(database),
    async append(entry) {
      const appended = inTransaction(database, () => {
        const found = newest.get()?.['line']
        const before = typeof found === 'string' ? parseAuditLine(found) : beginning
        // The chain goes on from what was noted: an end that was cut stays missing.
        const line = sealEntry(entry, laterOf(before ?? beginning, head.read()))
        insert.run(line.seq, JSON.stringify(line))
        return line
      })
      // After a crash in between the log has more than was noted of it, which is no mistake.
      head.write(appended)
      return appended
    },
    lines: async ({ after, most = -1 }) =>
      (after === undefined ? last.all(most).toReversed() : behind.all(after, most)).map(
        ({ line }) => String(line),
      ),
    noted: async () => head.read(),
    close: async () => database.close(),
  }
}

function laterOf(one: AuditHead, other: AuditHead | null): AuditHead {
  return other !== null && other.seq > one.seq ? other : one
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    if (versionOf(database) > version) throw new LaterVersionError()
    database.exec(tables)
    database.exec(`PRAGMA user_version = ${version}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const tokenRow = z.object({
  name: z.string(),
  role: z.enum(roles),
  hash: z.string(),
  created_unix_ms: z.number(),
  created_by: z.string(),
  expires_unix_ms: z.number(),
  used_unix_ms: z.number().nullable(),
})

function tokensIn(database: DatabaseSync): Tokens {
  const all = database.prepare('SELECT * FROM tokens ORDER BY name')
  const insert = database.prepare('INSERT OR IGNORE INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)')
  const remove = database.prepare('DELETE FROM tokens WHERE name = ?')
  const use = database.prepare('UPDATE tokens SET used_unix_ms = ? WHERE name = ?')
  return {
    tokens: async () =>
      z
        .array(tokenRow)
        .parse(all.all())
        .map(({ name, role, hash, ...row }) => ({
          ...{ name, role, hash },
          createdUnixMs: row.created_unix_ms,
          createdBy: row.created_by,
          expiresUnixMs: row.expires_unix_ms,
          usedUnixMs: row.used_unix_ms,
        })),
    async addToken({ name, role, hash, createdUnixMs, createdBy, expiresUnixMs, usedUnixMs }) {
      const times = [createdUnixMs, createdBy, expiresUnixMs, usedUnixMs]
      return insert.run(name, role, hash, ...times).changes === 1
    },
    removeToken: async (name) => remove.run(name).changes === 1,
    noteUse: async (name, atUnixMs) => void use.run(atUnixMs, name),
  }
}

interface HeadNote {
  read(): AuditHead | null
  write(head: AuditHead): void
}

function memoryHead(): HeadNote {
  let noted: AuditHead | null = null
  return {
    read: () => noted,
    write(head) {
      noted = head
    },
  }
}

function fileHead(path: string): HeadNote {
  return {
    read() {
      try {
        const [seq = '', hash = ''] = readFileSync(path, 'utf8').trim().split(' ')
        return /^\d+$/.test(seq) && /^[0-9a-f]{64}$/.test(hash) ? { seq: Number(seq), hash } : null
      } catch {
        return null
      }
    },
    write({ seq, hash }) {
      if ((this.read()?.seq ?? 0) > seq) return
      writeFileSync(`${path}.new`, `${seq} ${hash}\n`, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}
