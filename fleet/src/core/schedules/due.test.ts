import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextRun } from './due.ts'
import type { ScheduleMemory, ScheduleRun } from './memory.ts'
import type { Schedule } from './schedule.ts'

const nightly: Schedule = { cron: '30 2 * * *', zone: 'Europe/Berlin', jitter: 0 }
const ms = (text: string): number => Temporal.Instant.from(text).epochMilliseconds

function ranAt(text: string, outcome: ScheduleRun['outcome'] = 'good'): ScheduleMemory {
  const at = ms(text)
  const last = { started_unix_ms: at, ended_unix_ms: at + 1000, outcome, message: '' }
  return { version: 1, since_unix_ms: 0, last, good_unix_ms: null }
}

function nextText(schedule: Schedule, memory: ScheduleMemory, now: string): string {
  const next = nextRun('backup', schedule, memory, ms(now))
  return next === null ? 'never' : new Date(next).toISOString().slice(0, 16)
}

test('a schedule that was never seen begins to count from then', () => {
  const memory = {
    ...ranAt('2026-11-01T00:00Z'),
    last: null,
    since_unix_ms: ms('2026-11-29T12:00Z'),
  }
  assert.equal(nextText(nightly, memory, '2026-11-29T12:00Z'), '2026-11-30T01:30')
})

test('the time is that of its zone, in summer and in winter', () => {
  assert.equal(
    nextText(nightly, ranAt('2026-07-01T12:00Z'), '2026-07-01T12:00Z'),
    '2026-07-02T00:30',
  )
  assert.equal(
    nextText(nightly, ranAt('2026-12-01T12:00Z'), '2026-12-01T12:00Z'),
    '2026-12-02T01:30',
  )
})

test('a time that the clocks leave out is the next one, and one that comes twice is once', () => {
  assert.equal(
    nextText(nightly, ranAt('2026-03-28T12:00Z'), '2026-03-28T12:00Z'),
    '2026-03-29T01:00',
  )
  assert.equal(
    nextText(nightly, ranAt('2026-10-24T12:00Z'), '2026-10-24T12:00Z'),
    '2026-10-25T00:30',
  )
  assert.equal(
    nextText(nightly, ranAt('2026-10-25T00:31Z'), '2026-10-25T00:31Z'),
    '2026-10-26T01:30',
  )
})

test('ten missed nights are one run, which is due', () => {
  const before = ranAt('2026-11-10T01:30Z')
  const now = '2026-11-20T12:00Z'
  assert.equal(nextText(nightly, before, now), '2026-11-11T01:30')
  assert.equal(nextText(nightly, ranAt(now), now), '2026-11-21T01:30')
})

test('a run of the future, of a clock that was wrong, holds nothing up', () => {
  const next = nextText(nightly, ranAt('2036-01-01T00:00Z'), '2026-11-20T12:00Z')
  assert.equal(next, '2026-11-21T01:30')
})

test('a run that was interrupted is made up for at once', () => {
  const next = nextText(nightly, ranAt('2026-11-20T01:30Z', 'interrupted'), '2026-11-20T12:00Z')
  assert.equal(next, '2026-11-20T01:30')
})

test('jitter is later by less than it says, and no surprise', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 86_400_000 }),
      fc.integer({ min: 0, max: 1e12 }),
      (jitter, at) => {
        const memory = { since_unix_ms: at, last: null }
        const planned = nextRun('drift', nightly, memory, at) ?? NaN
        const next = nextRun('drift', { ...nightly, jitter }, memory, at) ?? NaN
        assert.ok(next >= planned && next <= planned + jitter)
        assert.equal(nextRun('drift', { ...nightly, jitter }, memory, at), next)
      },
    ),
    { numRuns: 50 },
  )
})
