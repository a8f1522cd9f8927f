import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keySetAt } from './key-age.ts'

const ofAll = { device: null, name: 'API_KEY_1', setAtUnixMs: 1000 }
const own = { device: 'pi-1', name: 'API_KEY_1', setAtUnixMs: 2000 }
const next = { device: 'pi-1', name: 'API_KEY_2', setAtUnixMs: 3000 }

test("a device's own key counts before that of all devices", () => {
  assert.equal(keySetAt('pi-1', [ofAll, own]), 2000)
  assert.equal(keySetAt('pi-2', [ofAll, own]), 1000)
})

test('a new key beside it makes the old one no younger', () => {
  assert.equal(keySetAt('pi-1', [own, next]), 2000)
})

test('what the store does not know is not known', () => {
  assert.equal(keySetAt('pi-2', [own]), null)
  assert.equal(keySetAt('pi-1', [{ ...own, setAtUnixMs: null }]), null)
})
