import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { backupStoreContract } from '../../../ports/backup-store.contract.ts'
import type { BackupStore } from '../../../ports/backup-store.ts'
import { ageRepository } from './age-repository.ts'

const top = await mkdtemp(join(tmpdir(), 'timeball-age-backups-'))
after(() => rm(top, { recursive: true, force: true }))
const identity = await generateX25519Identity()
const recipients = [await identityToRecipient(identity)]
const environment = { TIMEBALL_AGE_IDENTITY: identity }

const askPassphrase = () => Promise.resolve(null)
let count = 0
const newFolder = (): string => join(top, `${(count += 1)}`)

function storeIn(folder: string, environmentOf: Readonly<Record<string, string>> = environment) {
  const identities = { file: null, environment: environmentOf, askPassphrase }
  return ageRepository({ folder, recipients, identities })
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
}

backupStoreContract('age', () => {
  const folder = newFolder()
  return Promise.resolve({
    store: storeIn(folder),
    reopen: () => storeIn(folder),
    files: () => filesIn(folder),
    readFile: (path: string) => readFile(path),
    writeFile: (path: string, bytes: Uint8Array) => writeFile(path, bytes),
  })
})

async function save(store: BackupStore, texts: readonly string[], minute = 0): Promise<string> {
  const begun = await store.begin({ subject: 'pi-1', takenAtUnixMs: minute * 60_000 })
  assert.ok(begun.ok, JSON.stringify(begun))
  for (const text of texts) await begun.value.write(Buffer.from(text))
  const kept = await begun.value.commit()
  assert.ok(kept.ok)
  return kept.value.id
}

const objectsIn = async (folder: string): Promise<number> =>
  (await filesIn(folder)).filter((path) => path.includes('objects')).length

test('parts that are the same are kept once, and one that has rotted is made anew', async () => {
  const folder = newFolder()
  await save(storeIn(folder), ['same', 'one'])
  await save(storeIn(folder), ['same', 'two'], 1)
  assert.equal(await objectsIn(folder), 3)
  for (const path of await filesIn(join(folder, 'objects'))) await writeFile(path, 'rotten')
  const id = await save(storeIn(folder), ['same', 'one'], 2)
  const read: string[] = []
  const done = await storeIn(folder).read(id, (part) => {
    read.push(Buffer.from(part).toString())
    return Promise.resolve()
  })
  assert.ok(done.ok, JSON.stringify(done))
  assert.deepEqual(read, ['same', 'one'])
})

test('other recipients can read what is backed up from then on, also where it was there', async () => {
  const folder = newFolder()
  await save(storeIn(folder), ['same'])
  const next = await generateX25519Identity()
  const sources = { file: null, environment: { TIMEBALL_AGE_IDENTITY: next }, askPassphrase }
  const store = ageRepository({
    ...{ folder, recipients: [await identityToRecipient(next)] },
    identities: sources,
  })
  const id = await save(store, ['same'], 1)
  assert.ok((await store.read(id, () => Promise.resolve())).ok)
})

test('backups are made, listed, checked and removed without the identity, and not read', async () => {
  const folder = newFolder()
  const nightly = storeIn(folder, { HOME: folder })
  const id = await save(nightly, ['one'])
  const checked = await nightly.verify({ part: 0, of: 1 })
  assert.ok(checked.ok && checked.value.damaged.size === 0)
  const read = await nightly.read(id, () => Promise.resolve())
  assert.equal(!read.ok && read.failure.code, 'unavailable')
  assert.match(JSON.stringify(read), /age identity cannot be read/)
  assert.ok((await nightly.remove(new Set([id]))).ok)
  assert.equal(await objectsIn(folder), 1, 'somebody may just be about to name it')
  for (const path of await filesIn(join(folder, 'objects'))) await utimes(path, 0, 0)
  assert.ok((await nightly.remove(new Set())).ok)
  assert.equal(await objectsIn(folder), 0)
})

test('an index that was changed is a lost backup, and none of another device', async () => {
  const folder = newFolder()
  await save(storeIn(folder), ['one'])
  const [path = ''] = (await filesIn(folder)).filter((each) => each.includes('backups/pi-1'))
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('pi-1', 'pi-2'))
  const listed = await storeIn(folder).list()
  assert.ok(listed.ok && listed.value.length === 0)
  const checked = await storeIn(folder).verify(null)
  assert.match(checked.ok ? checked.value.mistakes.join() : '', /pi-1.* has changed/)
})

test('without recipients nothing is kept, and how one is made is said', async () => {
  const identities = { file: null, environment, askPassphrase }
  const store = ageRepository({ folder: newFolder(), recipients: [], identities })
  const begun = await store.begin({ subject: 'pi-1', takenAtUnixMs: 0 })
  assert.match(JSON.stringify(begun), /recipients is empty.*age-keygen/)
})
