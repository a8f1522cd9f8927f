import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPeerState, readSystemState } from './state.ts'
import { parseVariables } from './variables.ts'

const systemOf = (text: string) => readSystemState(0, parseVariables(Buffer.from(text, 'latin1')))

test('the age of the last update is right across the era change of 2036', () => {
  const state = systemOf('reftime=0xffffffff.80000000, clock=0x00000001.00000000')
  assert.equal(state.referenceAgeSeconds, 1.5)
})

test('a daemon that was never updated has no age', () => {
  assert.equal(systemOf('reftime=0x0.0, clock=0xeeaf0ba2.00000000').referenceAgeSeconds, null)
  assert.equal(
    systemOf('reftime=0x00000000.00000000, clock=0xeeaf0ba2.00000000').referenceAgeSeconds,
    null,
  )
})

// ntpsec 1.2.2 was seen to say both: the nearer figure would hide the other.
test('the root distance is the farther of the two figures', () => {
  assert.equal(systemOf('rootdelay=1, rootdisp=7947.515, rootdist=10.000').rootDistanceMs, 7948.015)
  assert.equal(systemOf('rootdelay=0, rootdisp=0.1, rootdist=10.000').rootDistanceMs, 10)
  assert.equal(systemOf('rootdist=10.000').rootDistanceMs, null)
})

for (const [text, seconds] of [
  ['expire="2026-06-28T00:00Z"', 1_782_604_800],
  ['expire=202606280000', 1_782_604_800],
  ['expire=soon', null],
  ['', null],
] as const) {
  test(`a leap second list with "${text}" expires at ${seconds}`, () => {
    assert.equal(systemOf(text).leapListExpiresAtSeconds, seconds)
  })
}

test('a leap indicator that is none of four is unknown', () => {
  assert.equal(systemOf('leap=3').leap, 3)
  assert.equal(systemOf('leap=11').leap, null)
  assert.equal(systemOf('stratum=2').leap, null)
})

test('no answer makes a figure that is not a finite number', () => {
  const names = ['leap', 'stratum', 'rootdelay', 'offset', 'reftime', 'clock', 'srcadr', 'reach']
  const item = fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary-ascii' }))
  fc.assert(
    fc.property(fc.array(item), fc.nat({ max: 0xffff }), (items, word) => {
      const text = items.map(([name, value]) => `${name}=${value}`).join(',')
      const variables = parseVariables(Buffer.from(text))
      const found = [readSystemState(word, variables), readPeerState(1, word, variables)]
      for (const value of found.flatMap((state) => Object.values(state ?? {}))) {
        if (typeof value === 'number') assert.ok(Number.isFinite(value))
      }
    }),
  )
})
