import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Lease } from '../../core/rollout/lease.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { claimFleet, type ClaimWish } from './claim-fleet.ts'

const owner = { host: 'ops-1', pid: 1, processStart: '' }
const other = { host: 'ops-2', pid: 2, processStart: '' }
const { image, imageAsWritten } = started.release
const change = {
  image,
  states: new Map<string, string>(),
  replaces: { imageAsWritten, running: new Set<string>() },
  mayTakeBack: false,
  seen: new Map(),
}
const wish: ClaimWish = { owner, operation: 'apply', epochFloor: 0, change }
const ofOther = { owner: other, operation: 'rollout r-1', epochFloor: 0, nowMs: 0 }

/** A time at which no renewal is ever due. */
const time = {
  nowMs: () => 1,
  async wait(_ms: number, signal: AbortSignal) {
    if (!signal.aborted) await once(signal, 'abort')
  },
}

/** What another operation did and gave back, between the first question and the lease. */
async function otherWas(does: (store: RolloutStore, lease: Lease) => Promise<void>) {
  const store = memoryRollouts().open(() => null)
  const acquired = await store.acquire(ofOther)
  assert.ok(acquired.ok)
  await store.append('r-1', [started], acquired.lease)
  await does(store, acquired.lease)
  await store.release(acquired.lease)
  return store
}

const { digest } = started.release
async function endsBlocked(store: RolloutStore, lease: Lease): Promise<void> {
  await store.append('r-1', [everyEvent.ended], lease)
  await store.block({ digest, image, rollout: 'r-1', why: 'off', atUnixMs: 1 })
}

async function claim(store: RolloutStore, wanted: ClaimWish = wish) {
  let isDone = false
  const claimed = await claimFleet(store, wanted, time, async () => {
    isDone = true
  })
  return { claimed, isDone }
}

test('what became unfinished before the lease was ours is refused, and the lease given back', async () => {
  const store = await otherWas(async () => {})
  const { claimed, isDone } = await claim(store)
  assert.ok(!claimed.ok)
  assert.equal(claimed.failure.kind, 'unfinished')
  assert.equal(isDone, false)
  assert.equal(await store.holder(1), null)
})

test('so is a release that was blocked meanwhile', async () => {
  const { claimed, isDone } = await claim(await otherWas(endsBlocked))
  assert.ok(!claimed.ok)
  assert.equal(claimed.failure.kind, 'blocked')
  assert.equal(isDone, false)
})

const frozenAt = (): string => 'freeze window Fri 16:00 - Mon 08:00'

test('and a freeze that began while an answer was awaited', async () => {
  const { claimed, isDone } = await claim(
    memoryRollouts().open(() => null),
    {
      ...wish,
      change: { ...change, frozenAt },
    },
  )
  assert.ok(!claimed.ok)
  assert.equal(claimed.failure.kind, 'frozen')
  assert.equal(isDone, false)
})

test('who takes up what is unfinished may', async () => {
  const { claimed, isDone } = await claim(await otherWas(async () => {}), { ...wish, change: null })
  assert.ok(claimed.ok)
  assert.equal(isDone, true)
  assert.equal(claimed.value.lost, null)
})

test('a fleet that another one has is refused with its holder', async () => {
  const store = memoryRollouts().open(() => null)
  assert.ok((await store.acquire(ofOther)).ok)
  const { claimed, isDone } = await claim(store)
  assert.ok(!claimed.ok)
  assert.ok(claimed.failure.kind === 'claimed')
  assert.deepEqual(claimed.failure.holder.owner, other)
  assert.equal(isDone, false)
})

test('who lost the fleet between two renewals learns to whom', async () => {
  const store = memoryRollouts().open(() => null)
  const claimed = await claimFleet(store, wish, time, async () => {
    assert.ok((await store.acquire({ ...ofOther, nowMs: 60_000 })).ok)
  })
  assert.ok(claimed.ok)
  assert.deepEqual(claimed.value.lost?.to?.owner, other)
})
