import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyEvent, started } from '../core/rollout/test/events.ts'
import { memoryRollouts } from '../stores/memory/rollout-store.ts'
import { memorySamples } from '../stores/memory/sample-store.ts'
import { migrateState, type Remembered } from './migrate-state.ts'

const owner = { host: 'ops-1', pid: 1, processStart: 'b/1' }
const other = { ...owner, host: 'ops-2' }
const journal = Object.values(everyEvent)

function remembered(): Remembered {
  return { rollouts: memoryRollouts().open(() => null), samples: memorySamples().open() }
}

async function filled(): Promise<Remembered> {
  const state = remembered()
  const { rollouts } = state
  const acquired = await rollouts.acquire({ owner, operation: 'x', nowMs: 0, epochFloor: 6 })
  assert.ok(acquired.ok)
  await rollouts.append('r-1', journal, acquired.lease)
  await rollouts.append('r-2', [{ ...started, rollout: 'r-2' }], acquired.lease)
  await rollouts.request('r-2', { action: 'pause', by: 'bob', why: 'lunch' })
  await rollouts.block({ digest: 'd', image: 'i', rollout: 'r-1', why: 'bad', atUnixMs: 1 })
  const way = { address: '10.0.0.1', sshPort: 22, user: 'pi', privateKeyFile: null }
  await rollouts.remember([{ ...way, name: 'pi-1', commonArgs: [] }])
  await rollouts.release(acquired.lease)
  return state
}

const migration = (from: Remembered, to: Remembered) =>
  migrateState({ from, to, owner, nowMs: 1, servers: ['pi-1'] })

test('all of it is in the other store, and in the old one as before', async () => {
  const [from, to] = [await filled(), remembered()]
  const migrated = await migration(from, to)
  assert.deepEqual(migrated, {
    ok: true,
    value: { rollouts: 2, events: journal.length + 1, blocked: 1, devices: 1, samples: 0 },
  })
  for (const { rollouts } of [from, to]) {
    assert.deepEqual(await rollouts.events('r-1'), journal)
    assert.equal((await rollouts.list()).length, 2)
    assert.equal((await rollouts.blocked())[0]?.why, 'bad')
    assert.equal((await rollouts.known())[0]?.address, '10.0.0.1')
  }
  assert.deepEqual(
    (await to.rollouts.settleHistory()).times,
    (await from.rollouts.settleHistory()).times,
  )
  assert.equal((await to.rollouts.takeRequests('r-2'))[0]?.why, 'lunch')
})

test('the numbers of operations go on', async () => {
  const [from, to] = [await filled(), remembered()]
  assert.ok((await migration(from, to)).ok)
  const wish = { owner: other, operation: 'apply', nowMs: 2, epochFloor: 0 }
  const next = await to.rollouts.acquire(wish)
  const old = await from.rollouts.acquire(wish)
  assert.ok(next.ok && old.ok && next.lease.epoch >= old.lease.epoch)
})

test('not while somebody is at work, and not into a store that knows something', async () => {
  const [from, to] = [await filled(), await filled()]
  const full = await migration(from, to)
  assert.ok(!full.ok && full.failure.kind === 'not-empty')
  await from.rollouts.acquire({ owner: other, operation: 'apply', nowMs: 0, epochFloor: 0 })
  const held = await migration(from, remembered())
  assert.ok(!held.ok && held.failure.kind === 'held')
})
