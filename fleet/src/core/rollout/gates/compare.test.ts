import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareCanaries, type ClockPoint, type ComparedGroup } from './compare.ts'

function points(device: string, offsetsMs: readonly number[], errorMs = 0.2): ClockPoint[] {
  return offsetsMs.map((ms) => ({
    device,
    offsetSeconds: ms / 1000,
    errorSeconds: errorMs / 1000,
  }))
}

function group(canaryMs: readonly number[], controlMs: readonly number[]): ComparedGroup {
  return {
    name: 'stratum1',
    canaries: ['canary'],
    controls: ['control'],
    points: [...points('canary', canaryMs), ...points('control', controlMs)],
  }
}

function verdict(canaryMs: readonly number[], controlMs: readonly number[]): string {
  return compareCanaries([group(canaryMs, controlMs)]).verdict
}

test('a canary like its controls passes', () => {
  const { verdict, detail } = compareCanaries([group([0.1, -0.2, 0.1], [0.1, 0.2, -0.1])])
  assert.equal(verdict, 'pass')
  assert.equal(detail, 'canary 100 µs off, baseline 100 µs (900 µs apart are allowed)')
})

test('a canary that is worse than its controls fails, whatever the sign', () => {
  assert.equal(verdict([5, 5.1, 5.2], [0.1, -0.1, 0.1]), 'fail')
  assert.equal(verdict([-5, -5.1, -5.2], [0.1, -0.1, 0.1]), 'fail')
})

test('what befalls canary and controls alike is not the release', () => {
  assert.equal(verdict([20, 21, 20], [20, 20, 21]), 'pass')
})

test('a canary that is better than its controls passes', () => {
  assert.equal(verdict([0.1, 0.1, 0.1], [5, 5, 5]), 'pass')
})

test('one wild measurement decides nothing', () => {
  assert.equal(verdict([0.1, 0.1, 900], [0.1, 0.1, 0.1]), 'pass')
})

test('controls that scatter allow more', () => {
  assert.equal(verdict([3, 3, 3], [0, 0, 0]), 'fail')
  assert.equal(verdict([3, 3, 3], [0, 1, 2, -1, -2]), 'pass')
})

test('too few measurements decide nothing, and are counted', () => {
  const comparison = compareCanaries([group([5, 5], [0, 0, 0])])
  assert.equal(comparison.verdict, 'inconclusive')
  assert.match(comparison.detail, /2 and 3 measurements \(3 wanted\)/)
  assert.equal(verdict([5, 5, 5], [0]), 'inconclusive')
})

test('a role without another device passes, and says so', () => {
  const comparison = compareCanaries([{ ...group([5, 5, 5], []), controls: [] }])
  assert.deepEqual(comparison, {
    verdict: 'pass',
    detail: 'stratum1: no unchanged device to compare with',
  })
})

test('one bad canary among several is not hidden by the others', () => {
  const mixed = group([0, 0, 0], [0, 0, 0])
  const comparison = compareCanaries([
    {
      ...mixed,
      canaries: ['canary', 'other'],
      points: [...mixed.points, ...points('other', [9, 9, 9])],
    },
  ])
  assert.equal(comparison.verdict, 'fail')
  assert.match(comparison.detail, /^other /)
})

test('a failure weighs more than what is not known', () => {
  const groups = [group([0], [0]), group([9, 9, 9], [0, 0, 0])]
  assert.equal(compareCanaries(groups).verdict, 'fail')
  assert.equal(compareCanaries(groups.toReversed()).verdict, 'fail')
})

const someMs = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
  minLength: 3,
  maxLength: 30,
})

test('equal measurements never fail, in whatever order', () => {
  fc.assert(
    fc.property(someMs, (offsets) => {
      assert.equal(verdict(offsets.toReversed(), offsets), 'pass')
    }),
  )
})

test('two sides never are worse than each other', () => {
  fc.assert(
    fc.property(someMs, someMs, (one, other) => {
      const both = [verdict(one, other), verdict(other, one)]
      assert.ok(both.includes('pass'), String(both))
    }),
  )
})

test('turning the signs changes nothing', () => {
  fc.assert(
    fc.property(someMs, someMs, (one, other) => {
      const turned = verdict(
        one.map((ms) => -ms),
        other.map((ms) => -ms),
      )
      assert.equal(turned, verdict(one, other))
    }),
  )
})

const within = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: 3, maxLength: 30 })

test('a canary far outside of what its controls scatter always fails', () => {
  fc.assert(
    fc.property(within(50, 300), within(-10, 10), fc.boolean(), (one, other, isBehind) => {
      assert.equal(verdict(isBehind ? one.map((ms) => -ms) : one, other), 'fail')
    }),
  )
})
