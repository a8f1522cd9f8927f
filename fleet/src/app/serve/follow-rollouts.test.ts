import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { followRollouts } from './follow-rollouts.ts'

test('what is added to journals is told once, and what was there before is not', async () => {
  const store = memoryRollouts().open(() => true)
  const owner = { host: 'ops-1', pid: 1, processStart: '1' }
  const wish = { owner, operation: 'rollout', nowMs: started.atUnixMs, epochFloor: 0 }
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  const { lease } = acquired
  await store.append('r-1', [started], lease)
  const told: string[] = []
  const stop = new AbortController()
  const steps = [
    () => store.append('r-1', [everyEvent['move-intended']], lease),
    () =>
      store.append('r-1', [{ ...everyEvent.served, atUnixMs: started.atUnixMs + 2_000 }], lease),
    () => Promise.resolve(),
    () => store.append('r-2', [{ ...started, rollout: 'r-2' }], lease),
  ]
  await followRollouts(
    {
      store,
      async wait() {
        const next = steps.shift()
        if (next === undefined) stop.abort()
        await next?.()
      },
      tell: (rollout, { type }) => void told.push(`${rollout} ${type}`),
      log: (line) => assert.fail(line),
    },
    stop.signal,
  )
  assert.deepEqual(told, ['r-1 move-intended', 'r-1 served', 'r-2 started'])
})

test('a disk that fails is told once, and it goes on', async () => {
  const said: string[] = []
  const stop = new AbortController()
  let looks = 0
  await followRollouts(
    {
      store: {
        list: () => Promise.reject(new Error('disk I/O error')),
        events: () => Promise.resolve([]),
      },
      wait() {
        looks += 1
        if (looks === 3) stop.abort()
        return Promise.resolve()
      },
      tell: () => assert.fail(),
      log: (line) => void said.push(line),
    },
    stop.signal,
  )
  assert.deepEqual(said, ['rollouts cannot be followed: Error: disk I/O error'])
})
