import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { intersect, majorityHull, overlaps, type Interval } from './intersection.ts'

function around(mid: number, half: number): Interval {
  return { low: mid - half, high: mid + half }
}

test('three that agree outvote one that does not', () => {
  const found = intersect([around(0, 1), around(0.5, 1), around(-0.5, 1), around(50, 1)])
  const interval = { low: -0.5, high: 0.5 }
  assert.deepEqual(found, { kind: 'majority', interval, places: [interval], agreeing: 3 })
})

const splits: readonly { readonly name: string; readonly intervals: readonly Interval[] }[] = [
  { name: 'nobody', intervals: [] },
  { name: 'two that contradict each other', intervals: [around(0, 1), around(5, 1)] },
  {
    name: 'two of four that are wrong by the same amount',
    intervals: [around(0, 1), around(0, 1), around(50, 1), around(50, 1)],
  },
  { name: 'half of them', intervals: [around(0, 1), around(0, 1), around(9, 1), around(20, 1)] },
]
for (const { name, intervals } of splits) {
  test(`no majority: ${name}`, () => assert.deepEqual(intersect(intervals), { kind: 'split' }))
}

test('two camps and one that believes both: the truth is in the hull of both places', () => {
  const camps = [around(0, 1), around(0, 1), around(50, 1), around(50, 1)]
  assert.deepEqual(intersect([...camps, around(25, 100)]), {
    kind: 'majority',
    interval: { low: -1, high: 51 },
    places: [around(0, 1), around(50, 1)],
    agreeing: 3,
  })
})

test('two precise ones that quarrel do not hide one that is far from both', () => {
  const wide = [25, 30, 35, 40].map((half) => around(0, half))
  const found = intersect([around(0, 1.2), around(5, 1.2), ...wide, around(10_000, 1.2)])
  assert.ok(found.kind === 'majority')
  assert.deepEqual([found.interval, found.agreeing], [{ low: -1.2, high: 6.2 }, 5])
  assert.equal(found.places.length, 2)
})

test('intervals that only touch agree', () => {
  const found = intersect([
    { low: 0, high: 1 },
    { low: 1, high: 2 },
  ])
  const interval = { low: 1, high: 1 }
  assert.deepEqual(found, { kind: 'majority', interval, places: [interval], agreeing: 2 })
})

test('bounds that are no numbers have no vote', () => {
  const nonsense = { low: Number.NaN, high: Number.POSITIVE_INFINITY }
  assert.equal(intersect([nonsense, around(0, 1), around(0, 1)]).kind, 'majority')
})

const interval = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 }))
  .map(([mid, half]) => around(mid, half))

test('a majority shares every point of its places, and is more than half', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
      const found = intersect(intervals)
      if (found.kind === 'split') return
      for (const { low, high } of found.places) {
        for (const at of [low, (low + high) / 2, high]) {
          const sharing = intervals.filter((each) => overlaps(each, { low: at, high: at })).length
          assert.ok(sharing >= found.agreeing)
        }
      }
      assert.ok(found.agreeing * 2 > intervals.length)
    }),
  )
})

const seed = fc.sample(fc.integer(), 1)[0] ?? 0
const someIntervals = fc.array(
  fc
    .tuple(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.1, max: 40, noNaN: true }),
    )
    .map(([mid, half]) => around(mid, half)),
  { minLength: 1, maxLength: 12 },
)

test(`it selects whom an independent reading of the RFC selects (seed ${seed})`, () => {
  let decided = 0
  fc.assert(
    fc.property(someIntervals, (intervals) => {
      const found = intersect(intervals)
      const read = rfc5905(intervals)
      assert.equal(found.kind === 'majority', read !== null)
      if (found.kind === 'split' || read === null) return
      decided += 1
      assert.deepEqual(found.interval, read)
    }),
    { seed, numRuns: 5_000 },
  )
  assert.ok(decided > 500)
})

/**
 * RFC 5905 section 11.2.1 and appendix A.5.5.1 word by word, without its count of midpoints: for
 * each number of falsetickers that is allowed, from none on, the endpoints are scanned upwards for
 * the lowest point, and downwards for the highest, that is in all other intervals.
 */
function rfc5905(intervals: readonly Interval[]): Interval | null {
  const m = intervals.length
  const list = intervals
    .flatMap(({ low, high }) => [
      { edge: low, type: -1 },
      { edge: high, type: 1 },
    ])
    .toSorted((a, b) => a.edge - b.edge || a.type - b.type)
  for (let allow = 0; 2 * allow < m; allow += 1) {
    let low = 2e9
    let high = -2e9
    let chime = 0
    for (const { edge, type } of list) {
      chime -= type
      if (chime >= m - allow) {
        low = edge
        break
      }
    }
    chime = 0
    for (const { edge, type } of list.toReversed()) {
      chime += type
      if (chime >= m - allow) {
        high = edge
        break
      }
    }
    if (high > low) return { low, high }
  }
  return null
}

const liars = fc.array(interval, { maxLength: 4 })
const honest = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 5, maxLength: 9 })
const places = fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true }))

test('the true time is never outvoted while more than half tell the truth', () => {
  fc.assert(
    fc.property(honest, liars, places, (halves, lies, place) => {
      const truth = halves.map((half) => around((place.next().value ?? 0) * half, half))
      const found = intersect([...truth, ...lies])
      assert.ok(found.kind === 'majority')
      assert.ok(truth.some((each) => overlaps(each, found.interval)))
      const hull = majorityHull([...truth, ...lies])
      assert.ok(hull !== null && hull.low <= 0 && hull.high >= 0)
    }),
  )
})

test('the majority hull is where more than half are, and nothing where they are not', () => {
  assert.deepEqual(majorityHull([around(0, 3), around(1, 3), around(90, 1)]), { low: -2, high: 3 })
  assert.deepEqual(majorityHull([around(4, 1)]), { low: 3, high: 5 })
  assert.equal(majorityHull([around(0, 1), around(9, 1)]), null)
  assert.equal(majorityHull([]), null)
})
