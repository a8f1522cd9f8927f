import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { sampleStoreContract } from '../../ports/sample-store.contract.ts'
import { openSampleStore } from './sample-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-samples-'))
after(() => rm(folder, { recursive: true }))

let files = 0
sampleStoreContract('SQLite', () => {
  const path = join(folder, `new/${(files += 1)}.db`)
  return Promise.resolve({ open: (retention) => openSampleStore(path, retention) })
})

test('a file of each version is read and written, also of a later one that added columns', async () => {
  const sql = await readFile(join(import.meta.dirname, 'test/samples-1.sql'), 'utf8')
  const later = 'ALTER TABLE samples ADD COLUMN later TEXT; PRAGMA user_version = 2;'
  for (const [name, more] of Object.entries({
    first: '',
    unnumbered: 'PRAGMA user_version = 0',
    later,
  })) {
    const path = join(folder, `${name}.db`)
    const database = new DatabaseSync(path)
    database.exec(`${sql}${more}`)
    database.close()
    const store = await openSampleStore(path, { maxAgeMs: 1e9, maxPerServer: 100 })
    const [first, unknown] = await store.history('pi-1', 0, 100)
    assert.equal(first?.offsetSeconds, 0.0001)
    assert.equal(unknown?.verdict, 'undecidable')
    assert.ok(first)
    await store.append([{ ...first, atUnixMs: 3 }])
    assert.equal((await store.history('pi-1', 0, 100)).length, 3)
    await store.close()
  }
})

test('a file that is no database is put aside', async () => {
  const path = join(folder, 'junk.db')
  await writeFile(path, 'this is no database, whatever its name says. '.repeat(50))
  const store = await openSampleStore(path)
  await store.append([])
  assert.deepEqual(await store.history('pi-1', 0, 100), [])
  await store.close()
})
