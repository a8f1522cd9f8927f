import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { everyEvent } from '../../core/rollout/test/events.ts'
import { rolloutStoreContract } from '../../ports/rollout-store.contract.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { openRolloutStore } from './rollout-store.ts'
import { brokenTables, defineChecksum, tablesOfRecord } from './row-checksums.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-rollouts-'))
after(() => rm(folder, { recursive: true }))

let files = 0
const newPath = (): string => join(folder, `new/${(files += 1)}.db`)
const nobodyIsKnown = () => null
const owner = { host: 'ops-1', pid: 4711, processStart: 'b/1' }

rolloutStoreContract('SQLite', () => {
  const path = newPath()
  return Promise.resolve({
    open: (isAlive = nobodyIsKnown) => openRolloutStore(path, isAlive),
  })
})

test('a file that cannot be read is refused and kept', async () => {
  const path = join(folder, 'junk.db')
  await writeFile(path, 'this is no database, whatever its name says. '.repeat(50))
  await assert.rejects(openRolloutStore(path, nobodyIsKnown), /not a database/)
  const later = newPath()
  await (await openRolloutStore(later, nobodyIsKnown)).close()
  const database = new DatabaseSync(later)
  database.exec('PRAGMA user_version = 99')
  database.close()
  await assert.rejects(openRolloutStore(later, nobodyIsKnown), /later version/)
})

async function journalled(path: string): Promise<void> {
  const store = await openRolloutStore(path, nobodyIsKnown)
  const acquired = await store.acquire({ owner, operation: 'test', nowMs: 0, epochFloor: 0 })
  assert.ok(acquired.ok)
  await store.append('r-1', Object.values(everyEvent), acquired.lease)
  await store.close()
}

function edit(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

test('a broken event is named, and hides neither the others nor the list', async () => {
  const path = newPath()
  await journalled(path)
  edit(path, `UPDATE events SET body = '{"type":"exploded"}' WHERE sequence = 3`)
  edit(path, `UPDATE events SET body = replace(body, 'pi-1', 'pi-9') WHERE sequence = 5`)
  edit(path, 'DELETE FROM events WHERE sequence = 7')
  const store = await openRolloutStore(path, nobodyIsKnown)
  const all = Object.values(everyEvent)
  assert.deepEqual(
    await store.events('r-1'),
    all.filter((_, index) => ![2, 4, 6].includes(index)),
  )
  assert.deepEqual(await store.unreadable('r-1'), [
    { sequence: 3, why: 'is not what was written' },
    { sequence: 5, why: 'is not what was written' },
    { sequence: 7, why: 'is missing' },
  ])
  assert.equal((await store.list()).length, 1)
  await store.close()
})

/** All that the store gives to read. */
async function allOf(store: RolloutStore): Promise<string> {
  const history = await store.settleHistory()
  const settled = [...history.times]
  const [events, list, blocked] = [
    await store.events('r-1'),
    await store.list(),
    await store.blocked(),
  ]
  const [holder, release] = [await store.holder(1), await store.releaseOf('r-1')]
  return JSON.stringify({ events, list, blocked, holder, release, settled })
}

test('one bit that flips in the file changes nothing that is read without a word', async () => {
  const path = newPath()
  await journalled(path)
  const full = await openRolloutStore(path, nobodyIsKnown)
  await full.block({ digest: 'd2', image: 'i@sha256:22', rollout: 'r-1', why: 'off', atUnixMs: 1 })
  await full.close()
  const sound = await readFile(path)
  const whole = await openRolloutStore(path, nobodyIsKnown)
  const all = await allOf(whole)
  await whole.close()
  for (let n = 0; n < 400; n += 1) {
    const flipped = Buffer.from(sound)
    const at = (n * 7_919) % flipped.length
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (n % 8)), at)
    const copy = join(folder, 'flipped.db')
    for (const end of ['-wal', '-shm']) await rm(`${copy}${end}`, { force: true })
    await writeFile(copy, flipped)
    try {
      const store = await openRolloutStore(copy, nobodyIsKnown)
      const read = await allOf(store)
      const { damaged } = await store.settleHistory()
      const broken = (await store.unreadable('r-1')).length + damaged
      const isTold = store.damage !== null || broken > 0
      await store.close()
      assert.ok(read === all || isTold, `bit ${n % 8} of byte ${at}`)
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
    }
  }
})

test('a file without content is refused: it does not mean that nothing was blocked', async () => {
  const path = join(folder, 'empty.db')
  await writeFile(path, '')
  await assert.rejects(openRolloutStore(path, nobodyIsKnown), /is empty, and was not/)
  assert.equal((await readFile(path)).length, 0)
})

test('a file that is damaged is read, and not written', async () => {
  const path = newPath()
  await journalled(path)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA writable_schema = ON; PRAGMA journal_mode = DELETE')
  database.close()
  const content = await readFile(path)
  // The number of cells of the last page: one row of it is lost.
  const pages = content.length / 4_096
  for (let page = 1; page < pages; page += 1) {
    const at = page * 4_096
    if (content.readUInt8(at) === 10)
      content.writeUInt16BE(content.readUInt16BE(at + 3) + 1, at + 3)
  }
  await writeFile(path, content)
  const store = await openRolloutStore(path, nobodyIsKnown)
  assert.match(store.damage ?? '', /new.*db is damaged \(/)
  await assert.rejects(store.request('r-1', { action: 'pause', by: 'ada', why: '' }))
  await store.close()
})

const dropChecksums = ['lease', 'rollouts', 'settled', 'requests', 'blocked']
  .map((table) => `ALTER TABLE ${table} DROP COLUMN checksum;`)
  .join(' ')

test('a row that is not what was written is left out and told, and nothing is written', async () => {
  for (const [sql, what] of [
    [`UPDATE blocked SET image = 'i@sha256:23'`, 'the blocked releases'],
    [`UPDATE rollouts SET status = 'done'`, 'the list of rollouts'],
    ['UPDATE lease SET epoch = epoch - 1', 'the lease'],
    ['DELETE FROM lease', 'the lease'],
  ] as const) {
    const path = newPath()
    await journalled(path)
    const store = await openRolloutStore(path, nobodyIsKnown)
    await store.block({ digest: 'd2', image: 'i@sha256:22', rollout: 'r-1', why: '', atUnixMs: 1 })
    await store.close()
    edit(path, sql)
    const damaged = await openRolloutStore(path, nobodyIsKnown)
    assert.match(damaged.damage ?? '', new RegExp(`not what was written: ${what}\\)$`), sql)
    assert.equal((await damaged.events('r-1')).length, Object.values(everyEvent).length)
    await assert.rejects(damaged.request('r-1', { action: 'pause', by: 'ada', why: '' }))
    await damaged.close()
  }
})

test('a settling time that is not what was written is left out and counted where it is read', async () => {
  const path = newPath()
  await journalled(path)
  const sound = await openRolloutStore(path, nobodyIsKnown)
  const { times } = await sound.settleHistory()
  assert.ok(times.size > 0)
  await sound.close()
  edit(path, 'UPDATE settled SET seconds = seconds + 1')
  const store = await openRolloutStore(path, nobodyIsKnown)
  assert.equal(store.damage, null)
  const found = await store.settleHistory()
  assert.deepEqual([found.times.size, found.damaged], [0, times.size])
  // How long to wait is no reason to stop what goes on.
  await store.request('r-1', { action: 'pause', by: 'ada', why: '' })
  await store.close()
})

test('a file that knows more settling times has no more rows to check when it is opened', async () => {
  const path = newPath()
  await journalled(path)
  const rowsChecked = (): number => {
    let rows = 0
    const database = new DatabaseSync(path)
    defineChecksum(database, () => (rows += 1))
    assert.equal(brokenTables(database, tablesOfRecord), null)
    database.close()
    return rows
  }
  const few = rowsChecked()
  const more = Array.from({ length: 500 }, (_, n) => `('pi-1', ${n + 1_000}, 60, '')`).join(', ')
  edit(path, `INSERT INTO settled VALUES ${more}`)
  assert.ok(few > 0)
  assert.equal(rowsChecked(), few)
  const store = await openRolloutStore(path, nobodyIsKnown)
  assert.equal((await store.settleHistory()).damaged, 500)
  await store.close()
})

test('a file of version 2 gets its checksums', async () => {
  const path = newPath()
  await journalled(path)
  edit(path, `${dropChecksums} PRAGMA user_version = 2`)
  const store = await openRolloutStore(path, nobodyIsKnown)
  assert.equal(store.damage, null)
  assert.equal((await store.list()).length, 1)
  await store.close()
})

test('a file of version 1 is taken over: what was held is blocked', async () => {
  const path = newPath()
  await journalled(path)
  edit(
    path,
    `${dropChecksums} ALTER TABLE blocked RENAME TO held; ALTER TABLE events DROP COLUMN checksum;
     ALTER TABLE rollouts DROP COLUMN events;
     INSERT INTO held VALUES ('d2', 'time@sha256:22', 'r-1', '50 ms off', 1);
     UPDATE rollouts SET status = 'going-back'; PRAGMA user_version = 1`,
  )
  const store = await openRolloutStore(path, nobodyIsKnown)
  assert.deepEqual(await store.blocked(), [
    { digest: 'd2', image: 'time@sha256:22', rollout: 'r-1', why: '50 ms off', atUnixMs: 1 },
  ])
  assert.equal((await store.list())[0]?.status, 'rolling-back')
  assert.deepEqual(await store.events('r-1'), Object.values(everyEvent))
  assert.deepEqual(await store.unreadable('r-1'), [])
  await store.close()
})
