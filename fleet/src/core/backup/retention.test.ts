import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expired, type Kept, type Retention } from './retention.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 5) // a Monday
const none: Retention = { last: 1, daily: 0, weekly: 0, monthly: 0 }

/** One a day at noon, newest last. */
function daily(count: number, subject = 'pi-1'): readonly Kept[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ id: `${subject}-${at}`, subject },
    takenAtUnixMs: start + at * day + day / 2,
  }))
}

function left(backups: readonly Kept[], keep: Retention, bad: readonly string[] = []): string[] {
  const gone = expired(backups, keep, new Set(bad))
  return backups.map(({ id }) => id).filter((id) => !gone.has(id))
}

test('the newest stay, and the last of each day, week and month', () => {
  const year = daily(365)
  assert.deepEqual(left(year, { ...none, last: 3 }), ['pi-1-362', 'pi-1-363', 'pi-1-364'])
  assert.deepEqual(left(year, { ...none, daily: 2 }), ['pi-1-363', 'pi-1-364'])
  // 2027-01-04 is a Monday: the weeks end with Sunday, day 363.
  assert.deepEqual(left(year, { ...none, weekly: 2 }), ['pi-1-363', 'pi-1-364'])
  assert.deepEqual(left(year, { ...none, monthly: 3 }), ['pi-1-329', 'pi-1-360', 'pi-1-364'])
})

test('several of one day are one of that day', () => {
  const [one, two] = daily(2)
  const more = [one, two].flatMap((each) => (each === undefined ? [] : [each]))
  const earlier = more.map((each) => ({
    ...each,
    id: `${each.id}-early`,
    takenAtUnixMs: each.takenAtUnixMs - 1000,
  }))
  assert.deepEqual(left([...earlier, ...more], { ...none, daily: 2 }), ['pi-1-0', 'pi-1-1'])
})

test('each device by itself', () => {
  const both = [...daily(3), ...daily(2, 'pi-2')]
  assert.deepEqual(left(both, none), ['pi-1-2', 'pi-2-1'])
})

test('a damaged one counts for nothing, and the last good one stays', () => {
  assert.deepEqual(left(daily(3), none, ['pi-1-2']), ['pi-1-1'])
  assert.deepEqual(left(daily(2), none, ['pi-1-0', 'pi-1-1']), ['pi-1-0', 'pi-1-1'])
})

test('whatever is kept, each device with a good backup keeps its newest good one', () => {
  const backup = fc.record({
    id: fc.uuid(),
    subject: fc.constantFrom('a', 'b', 'c'),
    takenAtUnixMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  })
  const count = fc.integer({ min: 0, max: 5 })
  const keep = fc.record({
    last: fc.integer({ min: 1, max: 5 }),
    daily: count,
    weekly: count,
    monthly: count,
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(backup, { selector: ({ id }) => id, maxLength: 40 }),
      keep,
      fc.func(fc.boolean()),
      (backups, retention, isBad) => {
        const bad = new Set(backups.filter(({ id }) => isBad(id)).map(({ id }) => id))
        const gone = expired(backups, retention, bad)
        for (const subject of ['a', 'b', 'c']) {
          const good = backups.filter((each) => each.subject === subject && !bad.has(each.id))
          const newest = Math.max(...good.map(({ takenAtUnixMs }) => takenAtUnixMs))
          const isKept = good.some((each) => each.takenAtUnixMs === newest && !gone.has(each.id))
          assert.ok(good.length === 0 || isKept)
        }
      },
    ),
  )
})
