/** `timeball state migrate`, from a file into PostgreSQL and back. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { everyEvent } from '../src/core/rollout/test/events.ts'
import { startServer } from '../src/stores/postgres/test/server.ts'
import { openRolloutStore } from '../src/stores/sqlite/rollout-store.ts'
import { guideInventory } from './make-fleet.ts'
import { runProgram, timeballProgram, type Ended } from './run-program.ts'

const server = await startServer()
const folder = await mkdtemp(join(tmpdir(), 'tb-migrate-'))
after(() => rm(folder, { recursive: true }))
after(() => server.stop())
await writeFile(join(folder, 'inventory.yml'), guideInventory)

async function timeball(state: string, ...words: readonly string[]): Promise<Ended> {
  await writeFile(join(folder, 'fleet.yaml'), `state: ${JSON.stringify(state)}\n`)
  return await runProgram(process.execPath, [timeballProgram, ...words], { cwd: folder, env: {} })
}

test('a journal goes there and back, and is told', async () => {
  const store = await openRolloutStore(join(folder, '.timeball/state.db'), () => null)
  const owner = { host: 'ops-1', pid: 1, processStart: '' }
  const acquired = await store.acquire({ owner, operation: 'x', nowMs: 0, epochFloor: 3 })
  assert.ok(acquired.ok)
  await store.append('r-1', Object.values(everyEvent), acquired.lease)
  await store.release(acquired.lease)
  await store.close()
  const url = server.newState()
  const there = await timeball('sqlite', 'state', 'migrate', url)
  assert.equal(there.exit, 0, there.stderr)
  assert.match(there.stdout, /^1 rollouts with \d+ events/)
  assert.match((await timeball(url, 'rollout', 'list')).stdout, /^r-1 +rolled back/m)
  const again = await timeball('sqlite', 'state', 'migrate', url)
  assert.equal(again.exit, 6)
  assert.match(again.stderr, /remembers something already/)
  await rm(join(folder, '.timeball'), { recursive: true })
  assert.equal((await timeball(url, 'state', 'migrate', 'sqlite')).exit, 0)
  assert.match((await timeball('sqlite', 'rollout', 'list')).stdout, /^r-1 +rolled back/m)
})

test('a place that is none is refused, and so is a password', async () => {
  const wrong = await timeball('sqlite', 'state', 'migrate', 'sqlit')
  assert.equal(wrong.exit, 64)
  assert.match(wrong.stderr, /sqlite, or postgres:\/\/USER@HOST\/DATABASE, is wanted/)
  const open = await timeball('sqlite', 'state', 'migrate', 'postgres://a:b@c/d')
  assert.match(open.stderr, /PGPASSWORD/)
})

test('a database that does not answer is said, and changes nothing', async () => {
  const { exit, stderr } = await timeball('postgres:///d?host=/nowhere', 'rollout', 'list')
  assert.equal(exit, 1)
  assert.match(stderr, /ENOENT.*\n.*see that the server answers/)
})
