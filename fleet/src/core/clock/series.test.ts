import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseStep, pointAt } from './series.ts'

const now = 1_795_000_010_000
const day = 86_400_000

const spans = [
  { days: 0.1, most: 2_000, step: 'raw' },
  { days: 1, most: 20_000, step: 'raw' },
  { days: 1, most: 2_000, step: 'minute' },
  { days: 2, most: 20_000, step: 'minute' },
  { days: 30, most: 2_000, step: 'hour' },
  { days: 40, most: 100_000, step: 'hour' },
  { days: 5_000, most: 10, step: 'hour' },
] as const
for (const { days, most, step } of spans) {
  test(`${days} days in at most ${most} points are told by the ${step}`, () => {
    const span = { sinceUnixMs: now - days * day, untilUnixMs: now }
    assert.equal(chooseStep(span, most, now), step)
  })
}

test('a sweep belongs to the minute and the hour in which it began', () => {
  assert.equal(pointAt(now, 'raw'), now)
  assert.equal(pointAt(now + 59_999 - (now % 60_000), 'minute'), now - (now % 60_000))
  assert.equal(pointAt(now, 'hour') % 3_600_000, 0)
})
