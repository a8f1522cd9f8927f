import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { epochFor, highestEpoch, majorityEpoch, openEpochs } from './epoch.ts'

test('a device that is not ahead gets our number, one that is a little gets its own and one more', () => {
  assert.deepEqual(epochFor(7, 7), { ok: true, value: 7 })
  assert.deepEqual(epochFor(7, 0), { ok: true, value: 7 })
  assert.deepEqual(epochFor(7, 50), { ok: true, value: 51 })
})

for (const seen of [999_999_999_999_998, 9_007_199_254_740_990, 1_000_008, highestEpoch]) {
  test(`a device that says ${seen} is refused, with both numbers`, () => {
    const detail = `it has seen operation ${seen}, and this fleet is at 7`
    assert.deepEqual(epochFor(7, seen), { ok: false, failure: { code: 'epoch-ahead', detail } })
  })
}

test('what one device says is no number for another', () => {
  const epochs = openEpochs(7, 'aaaaaaaa')
  assert.ok(!epochs.seen('pi-1', 999_999_999_999_998).ok)
  assert.ok(epochs.seen('pi-2', 50).ok)
  assert.deepEqual(
    ['pi-1', 'pi-2', 'pi-3'].map((device) => epochs.of(device)),
    [7, 51, 7],
  )
})

test('within one operation a device keeps its number, unless somebody else was at it', () => {
  const epochs = openEpochs(7, 'aaaaaaaa')
  epochs.seen('pi-1', 50)
  assert.deepEqual(epochs.seen('pi-1', 51), { ok: true, value: 51 })
  assert.deepEqual(epochs.seen('pi-1', 52), { ok: true, value: 53 })
})

test('a lost store goes on from what most devices have seen', () => {
  assert.equal(majorityEpoch([50, 50, 48, 50], 4), 50)
  assert.equal(majorityEpoch([50, 50, 48], 5), 48)
  assert.equal(majorityEpoch([50, 50], 4), 0, 'two of four are no majority')
  assert.equal(majorityEpoch([50], 1), 0, 'one device is none, whatever it says')
  assert.equal(majorityEpoch([], 3), 0)
})

test('a minority moves the number of no other device, whatever it says', () => {
  const honest = fc.array(fc.nat({ max: 1_000 }), { minLength: 2, maxLength: 9 })
  const lies = fc.array(fc.oneof(fc.maxSafeNat(), fc.double()), { maxLength: 8 })
  fc.assert(
    fc.property(honest, lies, (truth, said) => {
      const lying = said.slice(0, Math.max(0, truth.length - 1))
      const found = majorityEpoch([...truth, ...lying], truth.length + lying.length)
      assert.ok(found <= Math.max(...truth))
    }),
  )
})
