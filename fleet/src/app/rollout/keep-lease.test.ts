import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { keepLease, type KeptLease, type LeaseTime } from './keep-lease.ts'
import type { FleetLease, RolloutStore } from '../../ports/rollout-store.ts'

/** Time that goes on only when the test says so. */
function handTime(): LeaseTime & { pass(ms: number): Promise<void> } {
  let nowMs = 0
  let waiting = Promise.withResolvers<void>()
  let asked = Promise.withResolvers<void>()
  return {
    nowMs: () => nowMs,
    async wait(_ms, signal) {
      waiting = Promise.withResolvers()
      asked.resolve()
      await Promise.race([waiting.promise, signal.aborted ? null : once(signal, 'abort')])
    },
    async pass(ms) {
      await asked.promise
      asked = Promise.withResolvers()
      nowMs += ms
      waiting.resolve()
      // Until what was waiting waits again, or has ended.
      await Promise.race([asked.promise, new Promise((resolve) => setImmediate(resolve))])
    },
  }
}

const owner = { host: 'ops-1', pid: 1, processStart: '' }
const other = { host: 'ops-2', pid: 1, processStart: '' }

async function keeping(change: (store: RolloutStore) => FleetLease = (store) => store) {
  const store = memoryRollouts().open(() => null)
  const acquired = await store.acquire({ owner, operation: 'test', nowMs: 0, epochFloor: 0 })
  assert.ok(acquired.ok)
  const time = handTime()
  const kept: KeptLease = keepLease(change(store), acquired.lease, time)
  return { store, time, kept }
}

const wishOfOther = { owner: other, operation: 'apply', epochFloor: 0 }

test('the lease is kept for longer than it lasts, until it is released', async () => {
  const { store, time, kept } = await keeping()
  for (let n = 1; n <= 9; n += 1) await time.pass(10_000)
  assert.equal((await store.acquire({ ...wishOfOther, nowMs: 90_000 })).ok, false)
  await kept.release()
  assert.equal((await store.acquire({ ...wishOfOther, nowMs: 90_000 })).ok, true)
  assert.equal(kept.lost.aborted, false)
  await store.close()
})

test('a process that slept too long learns that another one has the fleet', async () => {
  const { store, time, kept } = await keeping()
  assert.equal((await store.acquire({ ...wishOfOther, nowMs: 31_000 })).ok, true)
  await time.pass(31_000)
  assert.equal(kept.lost.aborted, true)
  await kept.release()
  assert.deepEqual((await store.holder(31_000))?.owner, other)
  await store.close()
})

test('a disk that is busy is tried again while there is time', async () => {
  let isBusy = true
  const { store, time, kept } = await keeping((whole) => ({
    ...whole,
    renew: (...wish) =>
      isBusy ? Promise.reject(new Error('database is locked')) : whole.renew(...wish),
  }))
  await time.pass(10_000)
  await time.pass(10_000)
  assert.equal(kept.lost.aborted, false)
  isBusy = false
  await time.pass(5_000)
  isBusy = true
  await time.pass(10_000)
  assert.equal(kept.lost.aborted, false)
  await time.pass(20_000)
  assert.equal(kept.lost.aborted, true)
  await kept.release()
  await store.close()
})
