import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { Secret } from '../../core/secrets/secret.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { auditedRollouts, auditedSecrets, type Noted } from './audited-store.ts'

const owner = { host: 'ops-1', pid: 1, processStart: '1' }
const wish = { owner, operation: 'apply', nowMs: started.atUnixMs, epochFloor: 0 }

test('whoever takes the fleet is noted, and what happens to it', async () => {
  const noted: Noted[] = []
  const store = auditedRollouts(
    memoryRollouts().open(() => true),
    async (each) => {
      noted.push(each)
    },
  )
  const acquired = await store.acquire(wish)
  assert.ok(acquired.ok)
  assert.ok(!(await store.acquire(wish)).ok)
  const { ended } = everyEvent
  await store.append('r-1', [started, everyEvent['move-intended'], ended], acquired.lease)
  await store.request('r-1', { action: 'pause', by: 'bea', why: 'lunch' })
  await store.block({ digest: 'd', image: 'i', rollout: 'r-1', why: 'offset', atUnixMs: 1 })
  await store.unblock('d')
  await store.unblock('nothing')
  await store.forget('pi-1')
  await store.release(acquired.lease)
  assert.deepEqual(
    noted.map(({ action, what, result, who }) => [action, what, result, who].join(' ').trim()),
    [
      'fleet.claim apply done',
      `rollout.start r-1 ${started.release.image} done ada@ops-1`,
      `rollout.end r-1 ${ended.result}`,
      'rollout.pause r-1 asked bea',
      'release.block i done',
      'release.unblock i done',
      'device.forget pi-1 done',
      'fleet.release apply done',
    ],
  )
})

test('what cannot be noted is not done', async () => {
  const inner = memoryRollouts().open(() => true)
  const store = auditedRollouts(inner, () => Promise.reject(new Error('disk full')))
  await assert.rejects(store.acquire(wish), /disk full/)
  assert.equal(await inner.holder(wish.nowMs), null)
  await assert.rejects(store.request('r-1', { action: 'pause', by: 'bea', why: '' }))
  await assert.rejects(
    store.block({ digest: 'd', image: 'i', rollout: 'r-1', why: '', atUnixMs: 1 }),
  )
  assert.deepEqual(await inner.blocked(), [])
})

test('of secrets only their places are noted', async () => {
  const noted: Noted[] = []
  const nothing = { name: 'age', notes: async () => [] }
  const missing = { ok: false, failure: { code: 'missing', detail: '', hint: null } } as const
  const store = auditedSecrets(
    {
      ...nothing,
      read: async () => missing,
      get: async () => missing,
      list: async () => ok([]),
      write: async () => ok(null),
      rekey: async (readers) => ok(readers),
    },
    async (each) => void noted.push(each),
  )
  const value = new Secret('API_KEY_1', 'a-value-of-the-tests')
  await store.write([
    { device: 'pi-1', name: 'API_KEY_1', secret: value, atUnixMs: 1 },
    { device: null, name: 'API_KEY_2', secret: null, atUnixMs: 1 },
  ])
  await store.rekey(['age1x'])
  assert.deepEqual(
    noted.map(({ action, what, result }) => `${action} ${what} ${result}`),
    [
      'secrets.write pi-1/API_KEY_1, API_KEY_2 asked',
      'secrets.write pi-1/API_KEY_1, API_KEY_2 done',
      'secrets.rekey age asked',
    ],
  )
  assert.doesNotMatch(JSON.stringify(noted), /a-value/)
})
