import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { whyBlocked, whyNotChange } from './may-change.ts'

const owner = { host: 'ops-1', pid: 1, processStart: '' }
const wanted = { image: started.release.image, states: new Map<string, string>() }

async function claimed() {
  const store = memoryRollouts().open(() => true)
  const wish = { owner, operation: 'rollout r-1', nowMs: 0, epochFloor: 0 }
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  await store.append('r-1', [started], acquired.lease)
  return { store, lease: acquired.lease }
}

test('while somebody changes the fleet, that is why not', async () => {
  const { store } = await claimed()
  assert.equal((await whyNotChange(store, wanted, 1))?.kind, 'claimed')
})

for (const type of ['paused', 'rolling-back'] as const) {
  test(`a rollout that is ${type} and whose owner has gone is why not, until it is over`, async () => {
    const { store, lease } = await claimed()
    await store.append('r-1', [everyEvent[type]], lease)
    await store.release(lease)
    const refusal = await whyNotChange(store, wanted, 1)
    assert.ok(refusal?.kind === 'unfinished')
    assert.equal(refusal.rollout.rollout, 'r-1')
  })
}

test('after its end a change may be made, unless the release is blocked', async () => {
  const { store, lease } = await claimed()
  await store.append('r-1', [everyEvent.ended], lease)
  await store.release(lease)
  assert.equal(await whyNotChange(store, wanted, 1), null)
  const { digest, image } = started.release
  await store.block({ digest, image, rollout: 'r-1', why: 'off', atUnixMs: 1 })
  assert.equal((await whyNotChange(store, wanted, 1))?.kind, 'blocked')
  assert.equal((await whyBlocked(store, wanted))?.kind, 'blocked')
})
