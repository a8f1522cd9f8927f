import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leapNoticeOf } from './leap-notice.ts'

const list = {
  expiresUnixSeconds: Date.UTC(2030, 0, 1) / 1000,
  changes: [
    { atUnixSeconds: Date.UTC(2017, 0, 1) / 1000, taiOffset: 37 },
    { atUnixSeconds: Date.UTC(2027, 0, 1) / 1000, taiOffset: 38 },
    { atUnixSeconds: Date.UTC(2028, 6, 1) / 1000, taiOffset: 37 },
  ],
}

test('the month that ends with a leap second is told, with the time that is left', () => {
  assert.deepEqual(leapNoticeOf(list, Date.UTC(2026, 11, 31, 23)), {
    atMonthEnd: 1,
    secondsToMonthEnd: 3_600,
  })
  assert.equal(leapNoticeOf(list, Date.UTC(2028, 5, 2))?.atMonthEnd, 2)
  assert.equal(leapNoticeOf(list, Date.UTC(2026, 10, 30))?.atMonthEnd, 0)
})

test('a list that has expired says nothing', () => {
  assert.equal(leapNoticeOf(list, Date.UTC(2030, 0, 2)), null)
})
