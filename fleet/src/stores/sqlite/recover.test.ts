import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { everyEvent } from '../../core/rollout/test/events.ts'
import { recoverDatabase } from './recover.ts'
import { openRolloutStore } from './rollout-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-recover-'))
after(() => rm(folder, { recursive: true }))

const owner = { host: 'ops-1', pid: 4711, processStart: 'b/1' }
const alive = { isAlive: () => null, nowMs: 60_000 }
const all = Object.values(everyEvent)
const release = { digest: 'd2', image: 'i@sha256:22', rollout: 'r-1', why: 'off', atUnixMs: 1 }
let files = 0

async function remembered(): Promise<string> {
  const path = join(folder, `${(files += 1)}.db`)
  const store = await openRolloutStore(path, () => null)
  const acquired = await store.acquire({ owner, operation: 'test', nowMs: 0, epochFloor: 6 })
  assert.ok(acquired.ok)
  await store.append('r-1', all, acquired.lease)
  await store.block(release)
  await store.close()
  return path
}

function edit(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

test('a sound file, and none at all, are left alone', async () => {
  const path = await remembered()
  const before = await readFile(path)
  assert.deepEqual(recoverDatabase(path, alive), { kind: 'sound' })
  assert.deepEqual(await readFile(path), before)
  const none = join(folder, 'none.db')
  assert.deepEqual(recoverDatabase(none, alive), { kind: 'sound' })
  assert.ok(!existsSync(none))
})

test('what is sound is kept, what is lost is named, and so is where the damaged file is', async () => {
  const path = await remembered()
  edit(path, `UPDATE events SET body = replace(body, 'pi-1', 'pi-9') WHERE sequence = 5`)
  edit(path, `UPDATE rollouts SET image = 'i@sha256:99'`)
  const damaged = await readFile(path)
  const found = recoverDatabase(path, alive)
  assert.ok(found.kind === 'recovered')
  assert.deepEqual([found.rollouts, found.blocked, found.torn], [1, 1, ['r-1']])
  assert.equal(found.lost.length, 1)
  assert.equal(found.keptAt, `${path}.damaged-19700101T000100Z`)
  assert.deepEqual(await readFile(found.keptAt), damaged)

  const store = await openRolloutStore(path, () => null)
  assert.equal(store.damage, null)
  assert.deepEqual(
    await store.events('r-1'),
    all.filter((_, index) => index !== 4),
  )
  assert.deepEqual(await store.unreadable('r-1'), [{ sequence: 5, why: 'is missing' }])
  assert.deepEqual(await store.blocked(), [release])
  assert.equal((await store.list())[0]?.image, everyEvent.started.release.image)
  const next = await store.acquire({ owner, operation: 'test', nowMs: 60_000, epochFloor: 0 })
  assert.equal(next.ok && next.lease.epoch, 8, 'the number of operations goes on')
  await store.close()
})

test('what is damaged again within a second is kept beside the first', async () => {
  const path = await remembered()
  const kept: string[] = []
  for (const image of ['i@sha256:98', 'i@sha256:99']) {
    edit(path, `UPDATE rollouts SET image = '${image}'`)
    const damaged = await readFile(path)
    const found = recoverDatabase(path, alive)
    assert.ok(found.kind === 'recovered')
    assert.deepEqual(await readFile(found.keptAt), damaged)
    kept.push(found.keptAt)
  }
  const first = `${path}.damaged-19700101T000100Z`
  assert.deepEqual(kept, [first, `${first}-2`])
})

test('a release that was rolled back is blocked again where nobody knows whether it was', async () => {
  const path = await remembered()
  edit(path, `UPDATE blocked SET image = 'i@sha256:99'`)
  const found = recoverDatabase(path, alive)
  assert.ok(found.kind === 'recovered')
  const store = await openRolloutStore(path, () => null)
  const [rollout] = await store.list()
  const again = rollout?.status === 'rolled_back' ? [rollout.image] : []
  assert.deepEqual(found.blockedAgain, again)
  assert.deepEqual(
    (await store.blocked()).map(({ image }) => image),
    again,
  )
  assert.equal(again.length, 1)
  await store.close()
})

test('settling times that are damaged are left out of the new file', async () => {
  const path = await remembered()
  edit(path, 'UPDATE settled SET seconds = seconds + 1')
  const found = recoverDatabase(path, alive)
  assert.ok(found.kind === 'recovered')
  assert.deepEqual(found.lost, ['how long some devices took to settle: deadlines are learned anew'])
  const store = await openRolloutStore(path, () => null)
  assert.deepEqual(await store.settleHistory(), { times: new Map(), damaged: 0 })
  await store.close()
})

test('a file that an operation uses is left alone', async () => {
  const path = await remembered()
  edit(path, `UPDATE blocked SET image = 'i@sha256:99'`)
  const found = recoverDatabase(path, { ...alive, nowMs: 1 })
  assert.equal(found.kind, 'busy')
})

test('an empty file and junk give an empty state, and all that may be lost is said', async () => {
  for (const content of ['', 'this is no database, whatever its name says. '.repeat(50)]) {
    const path = join(folder, `${(files += 1)}.db`)
    await writeFile(path, content)
    const found = recoverDatabase(path, alive)
    assert.ok(found.kind === 'recovered')
    assert.deepEqual([found.rollouts, found.lost.length], [0, 7])
    assert.equal(await readFile(found.keptAt, 'utf8'), content)
    const store = await openRolloutStore(path, () => null)
    assert.deepEqual(await store.list(), [])
    await store.close()
  }
})

test('whatever bit flips, a usable state comes out of it, and nothing is left lying about', async () => {
  const sound = await readFile(await remembered())
  for (let n = 0; n < 60; n += 1) {
    const path = join(folder, 'flipped.db')
    const flipped = Buffer.from(sound)
    const at = (n * 7_919) % flipped.length
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (n % 8)), at)
    await writeFile(path, flipped)
    try {
      recoverDatabase(path, alive)
      const store = await openRolloutStore(path, () => null)
      assert.equal(store.damage, null, `byte ${at}`)
      await store.close()
    } catch (error) {
      assert.match(String(error), /later version/, `byte ${at}`)
    }
    const left = (await readdir(folder)).filter((name) => name.includes('flipped'))
    assert.ok(!left.some((name) => name.includes('recovered')), left.join())
    for (const name of left) await rm(join(folder, name))
  }
})
