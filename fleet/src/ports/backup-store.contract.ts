/** What every store of backups promises. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BackupAbout, BackupStore } from './backup-store.ts'

export interface StoreUnderTest {
  readonly store: BackupStore
  /** Another handle on the same place, as the next command has it. */
  readonly reopen: () => BackupStore
  /** The path of every file that is on a disk. */
  readonly files: () => Promise<readonly string[]>
  readonly readFile: (path: string) => Promise<Uint8Array>
  readonly writeFile: (path: string, bytes: Uint8Array) => Promise<void>
}

const secret = 'API_KEY_1=canary-77c1a0e5'
const first = [Buffer.from(`one ${secret}\n`), Buffer.alloc(70_000, 'x'), Buffer.from('end')]

async function save(
  store: BackupStore,
  parts: readonly Uint8Array[],
  about = { subject: 'pi-1', takenAtUnixMs: 1_800_000_000_000 },
): Promise<string> {
  const begun = await store.begin(about)
  assert.ok(begun.ok, JSON.stringify(begun))
  for (const part of parts) await begun.value.write(part)
  const kept = await begun.value.commit()
  assert.ok(kept.ok, JSON.stringify(kept))
  return kept.value.id
}

function atMinute(minutes: number): BackupAbout {
  return { subject: `pi-${minutes}`, takenAtUnixMs: 1_800_000_000_000 + minutes * 60_000 }
}

function refuse(): Promise<void> {
  return Promise.reject(new Error('no more'))
}

async function contentOf(store: BackupStore, id: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const read = await store.read(id, (part) => {
    parts.push(Uint8Array.from(part))
    return Promise.resolve()
  })
  assert.ok(read.ok, JSON.stringify(read))
  return Buffer.concat(parts)
}

async function idsIn(store: BackupStore): Promise<readonly string[]> {
  const listed = await store.list()
  assert.ok(listed.ok, JSON.stringify(listed))
  return listed.value.map(({ id }) => id)
}

export function backupStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  // Each has a place of its own, and programs of other people are slow to start.
  describe(`the store of backups ${name}`, { concurrency: 4 }, () => {
    test('where nothing was kept there is nothing, and nothing is wrong', async () => {
      const { store } = await open()
      assert.deepEqual(await idsIn(store), [])
    })

    test('an archive comes back as it went in, also by the next command', async () => {
      const { store, reopen } = await open()
      const id = await save(store, first)
      assert.deepEqual(await contentOf(reopen(), id), Buffer.concat(first))
      const listed = await reopen().list()
      assert.ok(listed.ok)
      const [kept] = listed.value
      assert.equal(kept?.id, id)
      assert.equal(kept.subject, 'pi-1')
      assert.equal(kept.takenAtUnixMs, 1_800_000_000_000)
    })

    test('nothing of it is on the disk in clear, names of files included', async () => {
      const { store, files, readFile } = await open()
      const begun = await store.begin({ subject: 'pi-1', takenAtUnixMs: 1_800_000_000_000 })
      assert.ok(begun.ok)
      await begun.value.write(Buffer.from(secret.repeat(5000)))
      const look = async (): Promise<void> => {
        for (const path of await files()) {
          const content = Buffer.from(await readFile(path)).toString('latin1')
          assert.ok(!content.includes('canary') && !path.includes('canary'), path)
        }
      }
      await look()
      assert.ok((await begun.value.commit()).ok)
      await look()
      assert.ok((await files()).length > 0)
    })

    test('what was abandoned is no backup, and the next one is', async () => {
      const { store, reopen } = await open()
      const begun = await store.begin({ subject: 'pi-1', takenAtUnixMs: 1_800_000_000_000 })
      assert.ok(begun.ok)
      await begun.value.write(Buffer.alloc(3_000_000, 'y'))
      await begun.value.abandon()
      assert.deepEqual(await idsIn(store), [])
      const id = await save(reopen(), first)
      assert.deepEqual(await idsIn(store), [id])
    })

    test('backups are listed oldest first, and removed by name; the others stay whole', async () => {
      const { store, reopen } = await open()
      const late = await save(store, [...first, Buffer.from('late')], atMinute(2))
      const early = await save(store, first, atMinute(1))
      assert.deepEqual(await idsIn(reopen()), [early, late])
      const removed = await reopen().remove(new Set([early]))
      assert.ok(removed.ok, JSON.stringify(removed))
      assert.deepEqual(await idsIn(reopen()), [late])
      assert.deepEqual(
        await contentOf(reopen(), late),
        Buffer.concat([...first, Buffer.from('late')]),
      )
      const checked = await reopen().verify({ part: 0, of: 1 })
      assert.ok(checked.ok && checked.value.damaged.size === 0, JSON.stringify(checked))
    })

    test('two that are written at a time are two', async () => {
      const { store } = await open()
      const ids = await Promise.all([
        save(store, first, atMinute(1)),
        save(store, [Buffer.from('other')], atMinute(2)),
      ])
      assert.deepEqual((await idsIn(store)).toSorted(), ids.toSorted())
    })

    test('one that is not there is missing', async () => {
      const { store } = await open()
      await save(store, first)
      const read = await store.read('0123456789abcdef', () => Promise.resolve())
      assert.equal(!read.ok && read.failure.code, 'missing')
    })

    test('who reads can refuse to go on', async () => {
      const { store } = await open()
      const id = await save(store, first)
      await assert.rejects(store.read(id, refuse), /no more/)
    })

    test('a damaged byte is found by reading all data, and which backups it cost', async () => {
      const { store, reopen, files, readFile, writeFile } = await open()
      const id = await save(store, first)
      const sized = await Promise.all(
        (await files()).map(async (path) => ({ path, bytes: await readFile(path) })),
      )
      const data = sized.filter(({ path }) => /objects|data/.test(path))
      for (const { path, bytes } of data) {
        const changed = Uint8Array.from(bytes)
        changed[Math.floor(changed.length / 2)] = (changed[Math.floor(changed.length / 2)] ?? 0) ^ 1
        await writeFile(path, changed)
        const checked = await reopen().verify({ part: 0, of: 1 })
        assert.ok(checked.ok, JSON.stringify(checked))
        assert.ok(checked.value.damaged.has(id), path)
        await writeFile(path, bytes)
      }
      assert.ok(data.length > 0)
      const whole = await reopen().verify({ part: 0, of: 1 })
      assert.ok(whole.ok && whole.value.damaged.size === 0)
    })

    test('all parts together read all data', async () => {
      const { store, reopen, files, readFile, writeFile } = await open()
      await save(store, first)
      const [path = ''] = (await files()).filter((each) => /objects|data/.test(each))
      const bytes = Uint8Array.from(await readFile(path))
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      await writeFile(path, bytes)
      const found: boolean[] = []
      for (const part of [0, 1, 2]) {
        const checked = await reopen().verify({ part, of: 3 })
        found.push(checked.ok && checked.value.damaged.size > 0)
      }
      assert.ok(found.includes(true))
    })
  })
}
