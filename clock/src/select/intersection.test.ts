import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { intersect, overlaps, type Interval } from './intersection.ts'

function around(mid: number, half: number): Interval {
  return { low: mid - half, high: mid + half }
}

test('three that agree outvote one that does not', () => {
  const found = intersect([around(0, 1), around(0.5, 1), around(-0.5, 1), around(50, 1)])
  assert.deepEqual(found, { kind: 'majority', interval: { low: -0.5, high: 0.5 }, agreeing: 3 })
})

const splits: readonly { readonly name: string; readonly intervals: readonly Interval[] }[] = [
  { name: 'nobody', intervals: [] },
  { name: 'two that contradict each other', intervals: [around(0, 1), around(5, 1)] },
  {
    name: 'two of four that are wrong by the same amount',
    intervals: [around(0, 1), around(0, 1), around(50, 1), around(50, 1)],
  },
  {
    name: 'two camps and one that believes both',
    intervals: [around(0, 1), around(0, 1), around(50, 1), around(50, 1), around(25, 100)],
  },
  { name: 'half of them', intervals: [around(0, 1), around(0, 1), around(9, 1), around(20, 1)] },
]
for (const { name, intervals } of splits) {
  test(`no majority: ${name}`, () => assert.deepEqual(intersect(intervals), { kind: 'split' }))
}

test('intervals that only touch agree', () => {
  const found = intersect([
    { low: 0, high: 1 },
    { low: 1, high: 2 },
  ])
  assert.deepEqual(found, { kind: 'majority', interval: { low: 1, high: 1 }, agreeing: 2 })
})

test('bounds that are no numbers have no vote', () => {
  const nonsense = { low: Number.NaN, high: Number.POSITIVE_INFINITY }
  assert.equal(intersect([nonsense, around(0, 1), around(0, 1)]).kind, 'majority')
})

const interval = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 }))
  .map(([mid, half]) => around(mid, half))

test('a majority shares every point of its interval, and is more than half', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
      const found = intersect(intervals)
      if (found.kind === 'split') return
      const { low, high } = found.interval
      for (const at of [low, (low + high) / 2, high]) {
        const sharing = intervals.filter((each) => overlaps(each, { low: at, high: at })).length
        assert.ok(sharing >= found.agreeing)
      }
      assert.ok(found.agreeing * 2 > intervals.length)
    }),
  )
})

test('the true time is never outvoted while more than half tell the truth', () => {
  const liars = fc.array(interval, { maxLength: 4 })
  const honest = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 5, maxLength: 9 })
  fc.assert(
    fc.property(
      honest,
      liars,
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      (halves, lies, places) => {
        const truth = halves.map((half) => around((places.next().value ?? 0) * half, half))
        const found = intersect([...truth, ...lies])
        if (found.kind === 'majority') {
          assert.ok(truth.some((each) => overlaps(each, found.interval)))
        }
      },
    ),
  )
})
