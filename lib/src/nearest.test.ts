import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nearest, nearestFew, nearestWithin } from './nearest.ts'

test('a typing mistake finds the word that was meant', () => {
  const words = ['stratum1', 'stratum2', 'hosts', 'children']
  assert.equal(nearest('statum1', words), 'stratum1')
  assert.equal(nearest('stratmu2', words), 'stratum2')
  assert.equal(nearest('Host', words), 'hosts')
  assert.equal(nearest('chidlren', words), 'children')
  assert.equal(nearest('prometheus', words), null)
})

test('the nearest come first', () => {
  assert.deepEqual(nearestFew('pi-01', ['pi-11', 'pi-01', 'zz-99'], 3), ['pi-01', 'pi-11'])
})

test('a known word is its own nearest, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 40 }), (word) => {
      assert.equal(nearest(word, [word]), word)
    }),
  )
})

test('the distance can be bounded', () => {
  const words = ['ansible_host', 'ansible_user']
  assert.equal(nearestWithin('ansible_hots', words, 1), 'ansible_host')
  assert.equal(nearestWithin('ansible_home', words, 1), null)
  assert.equal(nearestWithin('ansible_home', words, 2), 'ansible_host')
  assert.equal(nearestWithin('x'.repeat(100_000), words, 2), null)
})
