import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { openRolloutStore } from '../../stores/sqlite/rollout-store.ts'
import { rolloutsReader } from './read-rollouts.ts'

const owner = { host: 'ops-1', pid: 1, processStart: '1' }

function openStore() {
  const store = openRolloutStore(':memory:', { isAlive: () => true })
  const wish = { owner, operation: 'rollout', nowMs: started.atUnixMs, epochFloor: 0 }
  const acquired = store.acquire(wish)
  assert.ok(acquired.ok)
  return { store, lease: acquired.lease }
}

function silent(line: string): never {
  assert.fail(line)
}

function broken(): never {
  throw new Error('disk I/O error')
}

test('without a rollout there is none, and nothing is blocked', () => {
  const { store } = openStore()
  assert.deepEqual(rolloutsReader(store, silent)(), { newest: null, blocked: 0 })
})

test('what is added to the journal of the newest rollout is seen', () => {
  const { store, lease } = openStore()
  const read = rolloutsReader(store, silent)
  store.append(started.rollout, [started], lease)
  assert.equal(read().newest?.devices.get('pi-1')?.phase, 'waiting')
  store.append(started.rollout, [everyEvent['move-intended'], everyEvent.served], lease)
  assert.equal(read().newest?.devices.get('pi-1')?.phase, 'moving')
  store.append(started.rollout, [everyEvent.ended], lease)
  assert.deepEqual(read().newest?.status.kind, 'ended')
})

test('blocked releases are counted', () => {
  const { store } = openStore()
  store.hold({ digest: 'd', image: 'i', rollout: 'r', why: 'offset', atUnixMs: 1 })
  assert.equal(rolloutsReader(store, silent)().blocked, 1)
})

test('a disk that fails is told once, and what is not known is not claimed', () => {
  const said: string[] = []
  const store = { list: () => broken(), events: () => [], blocked: () => [] }
  const read = rolloutsReader(store, (line) => void said.push(line))
  const unknown = { newest: null, blocked: null }
  assert.deepEqual([read(), read()], [unknown, unknown])
  assert.deepEqual(said, ['rollouts cannot be read: Error: disk I/O error'])
})
