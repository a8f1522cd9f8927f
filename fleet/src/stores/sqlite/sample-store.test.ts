import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test('a file that is no database is put aside', async () => {
  const path = join(folder, 'junk.db')
  await writeFile(path, 'this is no database, whatever its name says. '.repeat(50))
  const store = await openSampleStore(path)
  await store.append([])
  assert.deepEqual(await store.history('pi-1', 0, 100), [])
  await store.close()
})
