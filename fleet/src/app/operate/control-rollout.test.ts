import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import type { Lease } from '../../core/rollout/lease.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { handToRunner, operationOf, pauseUnattended, takeUp } from './control-rollout.ts'

const { rollout } = started
const owner = { host: 'ops-1', pid: 1, processStart: '' }

function asked(action: RolloutRequest['action']) {
  return { rollout, request: { action, by: 'ops', why: '' } } as const
}

async function journalled(...events: RolloutEvent[]) {
  const store = memoryRollouts().open(() => true)
  const wish = { owner, operation: operationOf(rollout), epochFloor: 0, nowMs: 0 }
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  await store.append(rollout, [started, ...events], acquired.lease)
  return { store, lease: acquired.lease }
}

async function types(store: RolloutStore): Promise<string[]> {
  return (await store.events(rollout)).map(({ type }) => type)
}

test('the process that runs it is asked, and finds the request', async () => {
  const { store } = await journalled()
  const handed = await handToRunner(store, asked('pause'), 1)
  assert.ok(handed.ok)
  assert.deepEqual(handed.value?.owner, owner)
  assert.deepEqual(await store.takeRequests(rollout), [asked('pause').request])
})

test('what nobody runs is for who asks, and nothing is written yet', async () => {
  const { store, lease } = await journalled(everyEvent.paused)
  await store.release(lease)
  const handed = await handToRunner(store, asked('resume'), 1)
  assert.deepEqual(handed, { ok: true, value: null })
  assert.deepEqual(await store.takeRequests(rollout), [])
  assert.deepEqual(await types(store), ['started', 'paused'])
})

for (const action of ['pause', 'abort'] as const) {
  test(`what cannot be done is refused with the reason: ${action} of one that is over`, async () => {
    const { store, lease } = await journalled(everyEvent.ended)
    await store.release(lease)
    const handed = await handToRunner(store, asked(action), 1)
    assert.ok(!handed.ok)
    assert.ok(handed.failure.kind === 'impossible')
    assert.equal(handed.failure.action, action)
    assert.deepEqual(await store.takeRequests(rollout), [])
  })
}

/** Between the question and the lease another operation ended the rollout. */
async function endedMeanwhile(store: RolloutStore, lease: Lease): Promise<void> {
  await store.append(rollout, [everyEvent.ended], lease)
}

for (const action of ['resume', 'promote', 'abort'] as const) {
  test(`${action} is decided on what is true once the fleet is ours`, async () => {
    const { store, lease } = await journalled(everyEvent.paused)
    await endedMeanwhile(store, lease)
    const taken = await takeUp(store, asked(action), 1)
    assert.ok(!taken.ok)
    assert.equal(taken.failure.kind, 'impossible')
  })
}

test('pause, too: nothing is written after the end', async () => {
  const { store, lease } = await journalled()
  await endedMeanwhile(store, lease)
  const paused = await pauseUnattended(store, asked('pause'), { lease, nowUnixMs: 1 })
  assert.ok(!paused.ok)
  assert.deepEqual(await types(store), ['started', everyEvent.ended.type])
})

test('what is paused by nobody’s process is written down', async () => {
  const { store, lease } = await journalled()
  const paused = await pauseUnattended(store, asked('pause'), { lease, nowUnixMs: 1 })
  assert.ok(paused.ok)
  assert.deepEqual(await types(store), ['started', 'paused'])
})

test('what was asked of a process that has gone is overtaken', async () => {
  const { store } = await journalled(everyEvent.paused)
  await store.request(rollout, asked('abort').request)
  const taken = await takeUp(store, asked('resume'), 1)
  assert.ok(taken.ok)
  assert.equal(taken.value.because.type, 'resumed')
})

test('a journal with broken events only goes back', async () => {
  const { store } = await journalled(everyEvent.paused)
  const broken = { ...store, unreadable: async () => [{ sequence: 2, why: 'is damaged' }] }
  const forward = await takeUp(broken, asked('resume'), 1)
  assert.ok(!forward.ok)
  assert.equal(forward.failure.kind, 'broken-journal')
  assert.ok((await takeUp(broken, asked('rollback'), 1)).ok)
})
