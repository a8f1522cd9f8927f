import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { operationId } from '../../core/rollout/elsewhere.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { whyBlocked, whyBusy, whyNotChange } from './may-change.ts'

const owner = { host: 'ops-1', pid: 1, processStart: '' }
const { image, imageAsWritten } = started.release
const replaces = { imageAsWritten, running: new Set<string>() }
const states = new Map<string, string>()
const wanted = { image, states, replaces, mayTakeBack: false, seen: new Map() }

/** `fleet.yaml` as it was before the rollout of `started`, and a device that it moved. */
const before = {
  ...wanted,
  image: 'registry.test/time@sha256:11',
  replaces: { imageAsWritten: 'registry.test/time:1', running: new Set([image]) },
}

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
  // Its unfinished rollout is no way on: whoever runs it goes on.
  assert.equal((await whyBusy(store, 1))?.kind, 'claimed')
})

for (const type of ['paused', 'rolling-back'] as const) {
  test(`a rollout that is ${type} and whose owner has gone is why not, until it is over`, async () => {
    const { store, lease } = await claimed()
    await store.append('r-1', [everyEvent[type]], lease)
    await store.release(lease)
    const refusal = await whyNotChange(store, wanted, 1)
    assert.ok(refusal?.kind === 'unfinished')
    assert.equal(refusal.rollout.rollout, 'r-1')
    assert.deepEqual(await whyBusy(store, 1), refusal)
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

async function ended(result: 'done' | 'rolled_back', release = started.release) {
  const { store, lease } = await claimed()
  await store.append('r-2', [{ ...started, rollout: 'r-2', release }], lease)
  const end = { ...everyEvent.ended, result }
  for (const rollout of ['r-1', 'r-2']) await store.append(rollout, [end], lease)
  await store.release(lease)
  return store
}

test('what a rollout moved is not taken back while fleet.yaml says what it said before', async () => {
  const store = await ended('done')
  const refusal = await whyNotChange(store, before, 1)
  assert.ok(refusal?.kind === 'takes-back')
  assert.equal(refusal.rollout.rollout, 'r-2')
  assert.equal(refusal.image, 'registry.test/time:1')
})

const harmless = [
  { name: 'it is allowed', wish: { ...before, mayTakeBack: true } },
  { name: 'fleet.yaml says the image of the rollout', wish: { ...before, image } },
  {
    name: 'fleet.yaml says a third image',
    wish: { ...before, replaces: { ...before.replaces, imageAsWritten: 'registry.test/time:3' } },
  },
  {
    name: 'the devices to be changed do not run the image of the rollout',
    wish: { ...before, replaces: { ...before.replaces, running: new Set([before.image]) } },
  },
]
for (const { name, wish } of harmless) {
  test(`nothing is taken back against a rollout where ${name}`, async () => {
    assert.equal(await whyNotChange(await ended('done'), wish, 1), null)
  })
}

test('a rollout that went back leaves nothing to take back', async () => {
  assert.equal(await whyNotChange(await ended('rolled_back'), before, 1), null)
})

test('a rollout of what fleet.yaml said then makes fleet.yaml the owner again', async () => {
  const store = await ended('done', { ...started.release, insteadOf: null })
  assert.equal(await whyNotChange(store, before, 1), null)
})

function by(origin: string, epochAgeSeconds: number) {
  return { epochBy: operationId('0'.repeat(32), origin), epochAgeSeconds }
}

test('a fleet that somebody changed a moment ago without this state is why not, and not for long', async () => {
  const store = memoryRollouts().open(() => true)
  const whyNot = (...seen: readonly [string, ReturnType<typeof by>][]) =>
    whyNotChange(store, { ...wanted, seen: new Map(seen) }, 1)
  assert.deepEqual(await whyNot(['a', by('aaaaaaaa', 30)], ['b', by('aaaaaaaa', 9)]), {
    kind: 'elsewhere',
    devices: ['a', 'b'],
    agoSeconds: 9,
  })
  assert.equal((await whyNot(['a', by('aaaaaaaa', 30)]))?.kind, 'elsewhere')
  assert.equal(await whyNot(['a', by('aaaaaaaa', 30)], ['b', by('aaaaaaaa', 600)]), null)
  assert.equal(await whyNot(['a', by(store.origin, 3)], ['b', by(store.origin, 3)]), null)
})
