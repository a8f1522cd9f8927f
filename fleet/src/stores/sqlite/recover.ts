/** A new file out of what can still be read of a damaged one, which is kept. */
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { IsAlive } from '../../core/rollout/lease.ts'
import { summarize } from '../../core/rollout/summary.ts'
import type { Recovery } from '../../ports/recovery.ts'
import { createDatabase, inTransaction, openDatabase, openToRead } from './database.ts'
import { fleetLease } from './fleet-lease.ts'
import { columnsOf, readRow } from './journal.ts'
import { brokenTables, isSound, seal, tableNames, type CheckedTable } from './row-checksums.ts'
import { LaterVersionError } from './user-version.ts'

export interface RecoverOptions {
  readonly isAlive: IsAlive
  readonly nowMs: number
}

type Row = Readonly<Record<string, SQLOutputValue>>

/** Throws when the machine is in trouble; then the damaged file is where it was. */
export function recoverDatabase(path: string, { isAlive, nowMs }: RecoverOptions): Recovery {
  if (!existsSync(path) || isWhole(path)) return { kind: 'sound' }
  const found = salvage(path, { isAlive, nowMs })
  if (found.kind === 'busy') return found
  const draft = `${path}.${process.pid}.recovered`
  const keptAt = freePlace(path, nowMs)
  try {
    const database = createDatabase(draft)
    const { salvaged, lost } = found
    const blockedAgain = inTransaction(database, () => fill(database, salvaged, lost))
    const count = (table: string): number =>
      Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])
    const [rollouts, blocked] = [count('rollouts'), count('blocked')]
    database.close()
    linkSync(path, keptAt)
    // A log of the old file must never be taken for one of the new.
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${keptAt}-wal`)
    rmSync(`${path}-shm`, { force: true })
    renameSync(draft, path)
    const { torn } = salvaged
    return { kind: 'recovered', keptAt, rollouts, torn, blocked, blockedAgain, lost: wordsOf(lost) }
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true })
  }
}

/** Where the damaged file is kept; a second one of the same second gets a number. */
function freePlace(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const place = `${path}.damaged-${stamp}`
  let free = place
  for (let number = 2; existsSync(free); number += 1) free = `${place}-${number}`
  return free
}

/** One of a later version is not damaged: `openDatabase` throws for it, and so does this. */
function isWhole(path: string): boolean {
  try {
    const { database, damage } = openDatabase(path)
    const isSettledSound = damage === null && brokenTables(database, ['settled']) === null
    database.close()
    return isSettledSound
  } catch (error) {
    if (error instanceof LaterVersionError) throw error
    return false
  }
}

interface Salvaged {
  readonly rows: ReadonlyMap<CheckedTable, readonly Row[]>
  readonly events: ReadonlyMap<string, readonly SoundEvent[]>
  readonly torn: readonly string[]
}

interface SoundEvent {
  readonly row: Row
  readonly event: RolloutEvent
}

type Lost = ReadonlySet<CheckedTable | 'events'>
type Found =
  | Extract<Recovery, { kind: 'busy' }>
  | { readonly kind: 'read'; readonly salvaged: Salvaged; readonly lost: Lost }

function salvage(path: string, { isAlive, nowMs }: RecoverOptions): Found {
  const lost = new Set<CheckedTable | 'events'>()
  const database = openToRead(path)
  try {
    const rows = new Map(tableNames.map((table) => [table, soundRows(database, table, lost)]))
    if (rows.get('lease')?.length !== 1) lost.add('lease')
    const holder = lost.has('lease') ? null : fleetLease(database, isAlive).holder(nowMs)
    if (holder !== null) return { kind: 'busy', holder }
    return { kind: 'read', lost, salvaged: { rows, ...soundEvents(database, lost) } }
  } finally {
    database.close()
  }
}

function soundRows(database: DatabaseSync, table: CheckedTable, lost: Set<string>): Row[] {
  const read = (which: string): Row[] =>
    readable(database, `SELECT * FROM ${table} WHERE ${which}`, () => lost.add(table))
  if (read(`NOT (${isSound(table)}) LIMIT 1`).length > 0) lost.add(table)
  return read(isSound(table))
}

function soundEvents(database: DatabaseSync, lost: Set<string>): Omit<Salvaged, 'rows'> {
  const all = readable(database, 'SELECT * FROM events ORDER BY rollout, sequence', () =>
    lost.add('events'),
  )
  const events = new Map<string, SoundEvent[]>()
  const torn = new Set<string>()
  for (const row of all) {
    const rollout = String(row['rollout'])
    const { event } = readRow(rollout, row)
    if (!event.ok) {
      torn.add(rollout)
      continue
    }
    const sound = events.get(rollout) ?? []
    events.set(rollout, sound)
    sound.push({ row, event: event.value })
  }
  return { events, torn: [...torn] }
}

/** The rows before the first that cannot be read. */
function readable(database: DatabaseSync, sql: string, onLost: () => void): Row[] {
  const rows: Row[] = []
  try {
    for (const row of database.prepare(sql).iterate()) rows.push(row)
  } catch {
    onLost()
  }
  return rows
}

/** Images that are blocked because they were rolled back, and what was blocked is not known. */
function fill(database: DatabaseSync, { rows, events }: Salvaged, lost: Lost): readonly string[] {
  for (const [table, found] of rows) {
    if (table === 'lease') continue
    for (const row of found) insert(database, table, row)
  }
  const epoch = Number(rows.get('lease')?.[0]?.['epoch'] ?? 0)
  database.prepare('UPDATE lease SET epoch = ?').run(epoch)
  for (const [rollout, found] of events) {
    for (const { row } of found) insert(database, 'events', row)
    listRollout(database, rollout, found)
  }
  database.exec(`${seal('lease', 'only_row = 1')}; ${seal('rollouts')}`)
  if (!lost.has('blocked')) return []
  const again = database
    .prepare(
      `INSERT OR IGNORE INTO blocked
       SELECT digest, image, rollout, 'it was rolled back', changed_unix_ms, NULL FROM rollouts
       WHERE status = 'rolled_back' RETURNING image`,
    )
    .all()
  database.exec(seal('blocked'))
  return again.map(({ image }) => String(image))
}

/** Made anew from the journal where the row of the list is lost, and the beginning is not. */
function listRollout(database: DatabaseSync, rollout: string, found: readonly SoundEvent[]): void {
  const isListed = database.prepare('SELECT 1 FROM rollouts WHERE rollout = ?').get(rollout)
  if (isListed !== undefined || found[0]?.event.type !== 'started') return
  const events = found.map(({ event }) => event)
  const summary = summarize(null, rollout, events)
  if (summary === null) return
  const last = Number(found.at(-1)?.row['sequence'] ?? 0)
  const values = [...columnsOf(summary), last, null]
  database.prepare(`INSERT INTO rollouts VALUES (${marks(values)})`).run(...values)
}

function insert(database: DatabaseSync, table: string, row: Row): void {
  const [names, values] = [Object.keys(row), Object.values(row)]
  database
    .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks(values)})`)
    .run(...values)
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ')
}

const words: Readonly<Record<CheckedTable | 'events', string>> = {
  lease: 'the number of the last operation: the next one asks the devices for it',
  rollouts: 'rollouts whose row in the list and whose beginning are lost',
  events: 'what came after the first event that cannot be read',
  settled: 'how long some devices took to settle: deadlines are learned anew',
  requests: 'what was asked of a rollout, such as a pause: ask again',
  blocked: 'which releases were blocked: those that were rolled back are blocked again',
  known: 'which devices left the inventory: the others are known again from the next apply on',
}

function wordsOf(lost: Lost): string[] {
  return [...lost].map((table) => words[table])
}
