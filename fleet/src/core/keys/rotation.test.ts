import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DevicePlan } from '../plan/change.ts'
import type { KeptSecret, SecretChange } from '../secrets/place.ts'
import { Secret } from '../secrets/secret.ts'
import { changesOnlyKeys } from './only-keys.ts'
import { formatProofs, parseProofs } from './proofs.ts'
import { begin, cut, finish, overlapLeftMs, standOf } from './rotation.ts'

function kept(...names: readonly string[]): KeptSecret[] {
  return names.map((name) => ({ device: 'pi-1', name, setAtUnixMs: 0 }))
}

function after(before: readonly KeptSecret[], changes: readonly SecretChange[]): KeptSecret[] {
  const left = before.filter(({ name }) => !changes.some((each) => each.name === name))
  return [...left, ...kept(...changes.flatMap(({ name, secret }) => (secret === null ? [] : name)))]
}

test('a rotation goes from one key over both to the new one, and is told from what is kept', () => {
  const pair = {
    old: new Secret('API_KEY_1', 'old-key-1'),
    fresh: new Secret('API_KEY_2', 'new-key-2'),
  }
  const start = kept('API_KEY_1')
  assert.equal(standOf('pi-1', start), 'idle')
  const both = after(start, begin('pi-1', 'new-key-2', 0))
  assert.equal(standOf('pi-1', both), 'both')
  const changes = cut('pi-1', pair, 0)
  const ended = after(both, changes)
  assert.equal(standOf('pi-1', ended), 'ended')
  assert.deepEqual(
    changes.map(({ name, secret }) => [name, secret?.reveal() ?? null]),
    [
      ['API_KEY_1', 'new-key-2'],
      ['API_KEY_2', null],
      ['RETIRED_API_KEY', 'old-key-1'],
    ],
  )
  assert.equal(standOf('pi-1', after(ended, finish('pi-1', 0))), 'idle')
})

test('what is kept of other devices, or of all, is no rotation of this one', () => {
  const others = kept('API_KEY_2', 'RETIRED_API_KEY').map((each) => ({ ...each, device: null }))
  assert.equal(standOf('pi-1', others), 'idle')
  assert.equal(standOf('pi-2', kept('API_KEY_2')), 'idle')
})

test('a clock that was set back makes an overlap longer, never shorter', () => {
  const proof = { fingerprint: 'a', atUnixMs: 1000, overlapMs: 500 }
  const left = [1000, 1200, 1500, 9000, 0].map((now) => overlapLeftMs(proof, now))
  assert.deepEqual(left, [500, 300, 0, 0, 500])
})

test('proofs come back as they were; what is damaged proves nothing', () => {
  const proofs = new Map([['pi-1', { fingerprint: 'ab', atUnixMs: 7, overlapMs: 9 }]])
  const text = formatProofs(proofs)
  assert.deepEqual(parseProofs(text), proofs)
  for (const damaged of ['', text.slice(0, 20), '{"pi-1":1}', '[]']) {
    assert.equal(parseProofs(damaged).size, 0, damaged)
  }
})

const plan: DevicePlan = {
  ...{ device: 'pi-1', notes: [], baseGeneration: 1, pending: null, isBusy: false },
  ...{ interruptsService: false, isServing: true, files: [], changes: [] },
  reboot: 'none',
}
const path = 'file:/opt/mcp-utc-time-server/.env'
const keyLine = { sign: '+', text: 'API_KEY_2=********' } as const
function change(resource: string, text: string) {
  return {
    resource,
    action: 'update',
    because: null,
    diff: [keyLine, { sign: '~', text }],
  } as const
}

test('only a plan of keys alone is one of keys alone', () => {
  assert.ok(changesOnlyKeys(plan))
  assert.ok(changesOnlyKeys({ ...plan, changes: [change(path, 'API_KEY_1 replaced')] }))
  assert.ok(!changesOnlyKeys({ ...plan, changes: [change(path, 'MAX_OFFSET_MS=90')] }))
  assert.ok(!changesOnlyKeys({ ...plan, changes: [change('file:/etc/x', 'API_KEY_1 replaced')] }))
  assert.ok(!changesOnlyKeys({ ...plan, interruptsService: true }))
  assert.ok(!changesOnlyKeys({ ...plan, reboot: 'now' }))
})
