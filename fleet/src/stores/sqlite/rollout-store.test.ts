import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { started } from '../../core/rollout/test/events.ts'
import { rolloutStoreContract } from '../../ports/rollout-store.contract.ts'
import { openRolloutStore } from './rollout-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-rollouts-'))
after(() => rm(folder, { recursive: true }))

let files = 0
const newPath = (): string => join(folder, `new/${(files += 1)}.db`)
const everybodyLives = (): boolean => true
const owner = { host: 'ops-1', pid: 4711, processStart: 'b/1' }

rolloutStoreContract('SQLite', () => {
  const path = newPath()
  return Promise.resolve({
    open: (isAlive = everybodyLives) => openRolloutStore(path, isAlive),
  })
})

test('a file that cannot be read is refused and kept', async () => {
  const path = join(folder, 'junk.db')
  await writeFile(path, 'this is no database, whatever its name says. '.repeat(50))
  await assert.rejects(openRolloutStore(path, everybodyLives), /not a database/)
  const later = newPath()
  await (await openRolloutStore(later, everybodyLives)).close()
  const database = new DatabaseSync(later)
  database.exec('PRAGMA user_version = 99')
  database.close()
  await assert.rejects(openRolloutStore(later, everybodyLives), /later version/)
})

test('a journal that was tampered with is refused', async () => {
  const path = newPath()
  const store = await openRolloutStore(path, everybodyLives)
  const wish = { owner, operation: 'test', nowMs: 0, epochFloor: 0 }
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  await store.append('r-1', [started], acquired.lease)
  const database = new DatabaseSync(path)
  database.exec(`UPDATE events SET body = '{"type":"exploded"}'`)
  database.close()
  await assert.rejects(store.events('r-1'))
  assert.equal((await store.list()).length, 1)
  await store.close()
})
