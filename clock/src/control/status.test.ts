import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeAssociations, decodePeerStatus, decodeSystemStatus } from './status.ts'

// Words that ntpsec 1.2.2 sent.
for (const [word, leap, source, event, meaning] of [
  [0xc016, 3, 0, 6, 'just started'],
  [0x0514, 0, 5, 4, 'following its local clock'],
  [0x0414, 0, 4, 4, 'following GPS over shared memory'],
] as const) {
  test(`${word.toString(16)}: ${meaning}`, () => {
    const status = decodeSystemStatus(word)
    assert.deepEqual([status.leap, status.source, status.event], [leap, source, event])
  })
}

for (const [word, selection, tally] of [
  [0x961a, 'sys.peer', '*'],
  [0x971a, 'pps.peer', 'o'],
  [0x911a, 'falsetick', 'x'],
  [0x941a, 'candidate', '+'],
  [0x931a, 'outlier', '-'],
  [0x8011, 'reject', ' '],
] as const) {
  test(`${word.toString(16)} is ${selection}`, () => {
    const status = decodePeerStatus(word)
    assert.deepEqual([status.selection, status.tally], [selection, tally])
    assert.equal(status.isReachable, word !== 0x8011)
    assert.equal(status.isConfigured, true)
  })
}

test('the captured list of associations has one entry', () => {
  const bytes = Buffer.from('4567961a', 'hex')
  assert.deepEqual(decodeAssociations(bytes), [{ association: 0x4567, status: 0x961a }])
})

test('every word and every list decodes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array(), (word, bytes) => {
      assert.ok(decodeSystemStatus(word).leap <= 3)
      assert.equal(decodePeerStatus(word).tally.length, 1)
      assert.equal(decodeAssociations(bytes).length, Math.floor(bytes.length / 4))
    }),
  )
})
