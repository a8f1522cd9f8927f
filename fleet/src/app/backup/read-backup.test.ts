/** Archives that were packed here and then hurt: each is refused, and says where. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ArchiveBounds } from '../../core/backup/read-archive.ts'
import { tarHeader } from '../../core/bundle/tar.ts'
import type { BackupStore } from '../../ports/backup-store.ts'
import { largestBackup, packing } from './pack.ts'
import { readBackup } from './read-backup.ts'

const files = {
  'etc/hostname': 'pi-gps-01\n',
  'opt/mcp-utc-time-server/.env': 'API_KEY_1=a-key-0123456789\n'.repeat(40),
  'var/lib/timeball/current': '3\n',
  'timeball/log': 'line\n'.repeat(500),
} as const

function* plainArchive(): Generator<Uint8Array, void, void> {
  for (const [path, text] of Object.entries(files)) {
    const content = Buffer.from(text)
    const about = { mode: 0o600, user: 0, group: 0, modifiedUnixSeconds: 1 }
    yield tarHeader({ ...about, path, sizeBytes: content.length })
    yield content
    yield new Uint8Array((512 - (content.length % 512)) % 512)
  }
  yield new Uint8Array(1024)
}

async function packed(archive: Iterable<Uint8Array>, bounds: ArchiveBounds): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const pack = packing({
    ...{ subject: 'pi-gps-01', takenAtUnixMs: 1_800_000_000_000, version: '0', bounds },
    writer: { write: (part) => Promise.resolve(void parts.push(part)) },
  })
  for (const part of archive) await pack.push(part)
  await pack.finish([])
  return Buffer.concat(parts)
}

function never(): never {
  assert.fail('only read is asked')
}

/** Gives this archive, whatever is asked of it. */
function storeOf(archive: Uint8Array): BackupStore {
  return {
    ...{ name: 'test', notes: [], begin: never, list: never, verify: never, remove: never },
    async read(_, visit) {
      for (let at = 0; at < archive.length; at += 700) await visit(archive.subarray(at, at + 700))
      return { ok: true, value: null }
    },
  }
}

const whole = await packed(plainArchive(), {
  ...{ members: 100, memberBytes: 1e6, allBytes: 1e7, roots: null },
})

/** `null`: it was taken for good. */
async function refusalOf(archive: Uint8Array): Promise<string | null> {
  const read = await readBackup(storeOf(archive), 'x')
  return read.ok ? null : read.failure.detail
}

function changed(at: number, flip: number): Uint8Array {
  const bytes = Uint8Array.from(whole)
  bytes[at] = (bytes[at] ?? 0) ^ flip
  return bytes
}

test('a whole one is good, and gives what is wanted of it', async () => {
  const read = await readBackup(storeOf(whole), 'x', (path) => path === 'etc/hostname')
  assert.ok(read.ok, JSON.stringify(read))
  assert.deepEqual(
    read.value.manifest.files.map(({ path }) => path),
    Object.keys(files),
  )
  const content = read.value.contents.get('etc/hostname')
  assert.equal(Buffer.from(content ?? []).toString(), 'pi-gps-01\n')
})

test('the largest one that is kept can be read again', async () => {
  const about = { mode: 0o600, user: 0, group: 0, modifiedUnixSeconds: 1, sizeBytes: 0 }
  const archive = Array.from({ length: largestBackup.members }, (_, index) =>
    tarHeader({ ...about, path: `history/${index}` }),
  )
  const largest = await packed([...archive, new Uint8Array(1024)], largestBackup)
  assert.equal(await refusalOf(largest), null)
})

test('200 with one bit that flipped are refused, with the name of what is damaged', async () => {
  const last = whole.length - 1024
  for (let count = 0; count < 200; count += 1) {
    const at = Math.floor((last * count) / 200)
    const said = await refusalOf(changed(at, 1 << (count % 8)))
    assert.match(said ?? `byte ${at} was not noticed`, /refused: \S+ (?!byte)/)
  }
})

/** More zeros at the end are an end, too. */
function isSame(archive: Uint8Array): boolean {
  const isBegun = Buffer.compare(archive.subarray(0, whole.length), whole) === 0
  return isBegun && archive.subarray(whole.length).every((byte) => byte === 0)
}

test('a bit anywhere, a piece that is missing, one that is there twice: all are refused', async () => {
  const place = fc.integer({ min: 0, max: whole.length - 1100 })
  const hurt = fc.oneof(
    fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([at, bit]) => changed(at, 1 << bit)),
    place.map((at) => whole.subarray(0, at)),
    fc
      .tuple(place, fc.integer({ min: 1, max: 1000 }))
      .map(([at, length]) => Buffer.concat([whole.subarray(0, at), whole.subarray(at + length)])),
    fc
      .tuple(place, fc.integer({ min: 1, max: 3 }))
      .map(([at, blocks]) =>
        Buffer.concat([
          whole.subarray(0, at),
          whole.subarray(at, at + 512 * blocks),
          whole.subarray(at),
        ]),
      ),
  )
  await fc.assert(
    fc.asyncProperty(hurt, async (archive) => {
      assert.ok(isSame(archive) || (await refusalOf(archive)) !== null)
    }),
    { numRuns: 300 },
  )
})

test('a file that no manifest names is refused, and one that is not there', async () => {
  const about = { mode: 0o600, user: 0, group: 0, modifiedUnixSeconds: 1, sizeBytes: 0 }
  const more = Buffer.concat([tarHeader({ ...about, path: 'etc/shadow' }), whole])
  assert.match((await refusalOf(more)) ?? '', /etc\/shadow is not in the manifest/)
  const fewer = whole.subarray(1024)
  assert.match((await refusalOf(fewer)) ?? '', /etc\/hostname is missing/)
})
