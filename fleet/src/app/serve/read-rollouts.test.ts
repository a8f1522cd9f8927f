import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { rolloutsReader, type ReaderParts } from './read-rollouts.ts'

const owner = { host: 'ops-1', pid: 1, processStart: '1' }

async function openStore() {
  const store = memoryRollouts().open(() => true)
  const wish = { owner, operation: 'rollout', nowMs: started.atUnixMs, epochFloor: 0 }
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  return { store, lease: acquired.lease }
}

function partsWith(store: ReaderParts['store'], log: ReaderParts['log']): ReaderParts {
  return {
    store,
    log,
    readOutlook: async () => null,
    wishes: () => ({ promote_held_back: true, repair: true }),
    devices: () => [],
    nowUnixMs: () => started.atUnixMs + 60_000,
  }
}

function silent(line: string): never {
  assert.fail(line)
}

function nothing(): Promise<never[]> {
  return Promise.resolve([])
}

function broken(): Promise<never> {
  return Promise.reject(new Error('disk I/O error'))
}

test('without a rollout there is none, and nothing is blocked', async () => {
  const { store } = await openStore()
  assert.deepEqual(await rolloutsReader(partsWith(store, silent))(), {
    newest: null,
    blocked: 0,
    waiting: [],
    still: null,
  })
})

test('what is added to the journal of the newest rollout is seen', async () => {
  const { store, lease } = await openStore()
  const read = rolloutsReader(partsWith(store, silent))
  await store.append(started.rollout, [started], lease)
  assert.equal((await read()).newest?.devices.get('pi-1')?.phase, 'waiting')
  await store.append(started.rollout, [everyEvent['move-intended'], everyEvent.served], lease)
  assert.equal((await read()).newest?.devices.get('pi-1')?.phase, 'moving')
  await store.append(started.rollout, [everyEvent.ended], lease)
  assert.deepEqual((await read()).newest?.status.kind, 'ended')
})

test('blocked releases are counted', async () => {
  const { store } = await openStore()
  await store.block({ digest: 'd', image: 'i', rollout: 'r', why: 'offset', atUnixMs: 1 })
  assert.equal((await rolloutsReader(partsWith(store, silent))()).blocked, 1)
})

test('a disk that fails is told once, and what is not known is not claimed', async () => {
  const said: string[] = []
  const store = {
    list: broken,
    events: nothing,
    blocked: nothing,
    known: nothing,
    holder: async () => null,
  }
  const read = rolloutsReader(partsWith(store, (line) => void said.push(line)))
  const unknown = { newest: null, blocked: null, waiting: null, still: null }
  assert.deepEqual([await read(), await read()], [unknown, unknown])
  assert.deepEqual(said, ['rollouts cannot be read: Error: disk I/O error'])
})
