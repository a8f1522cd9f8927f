import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KeptSecret, SecretChange } from '../secrets/place.ts'
import { Secret } from '../secrets/secret.ts'
import { revocationChanges, sharersOf, type HeldKeys } from './revocation.ts'

function held(device: string, keys: Partial<Record<'current' | 'next' | 'retired', string>>) {
  const { current, next, retired } = keys
  return {
    device,
    current: secretOf(current),
    next: secretOf(next),
    retired: secretOf(retired),
  } satisfies HeldKeys
}

function secretOf(value: string | undefined): Secret | null {
  return value === undefined ? null : new Secret('API_KEY_1', value)
}

function changesFor(lost: HeldKeys, ...others: readonly HeldKeys[]): string[] {
  const kept: KeptSecret[] = [{ device: lost.device, name: 'API_KEY_1', setAtUnixMs: 0 }]
  const ofAll = [new Secret('API_KEY_1', 'key-of-all')]
  const parts = { lost, others, kept, ofAll, newKey: () => 'a-new-key', atUnixMs: 0 }
  return revocationChanges(parts).map(shown)
}

function shown({ device, name, secret }: SecretChange): string {
  return `${device ?? 'all'} ${name} ${secret?.reveal() ?? '-'}`
}

const lost = held('lost', { current: 'key-of-all', next: 'next-of-lost' })

test('who shares no key keeps his own', () => {
  const other = held('a', { current: 'own-key-1' })
  assert.deepEqual(sharersOf({ lost, others: [other] }), [])
  assert.deepEqual(changesFor(lost, other), ['lost API_KEY_1 -', 'all API_KEY_1 -'])
})

test('who shares one gets another, and the old one is to be seen refused', () => {
  const other = held('a', { current: 'key-of-all' })
  assert.deepEqual(sharersOf({ lost, others: [other] }), ['a'])
  assert.deepEqual(changesFor(lost, other).slice(2), [
    'a API_KEY_1 a-new-key',
    'a API_KEY_2 -',
    'a RETIRED_API_KEY key-of-all',
  ])
})

test('where a rotation has given a key of its own already, that one stays', () => {
  const other = held('a', { current: 'key-of-all', next: 'own-key-2' })
  assert.deepEqual(changesFor(lost, other).slice(2), [
    'a API_KEY_1 own-key-2',
    'a API_KEY_2 -',
    'a RETIRED_API_KEY key-of-all',
  ])
})

test('a second key that the lost device knows goes alone', () => {
  const other = held('a', { current: 'own-key-1', next: 'next-of-lost' })
  assert.deepEqual(changesFor(lost, other).slice(2), [
    'a API_KEY_2 -',
    'a RETIRED_API_KEY next-of-lost',
  ])
})

test('a key of all that the lost device did not have stays', () => {
  assert.deepEqual(changesFor(held('lost', { current: 'own-key-of-lost' })), ['lost API_KEY_1 -'])
})
