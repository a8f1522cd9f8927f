import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instantOf, now, nowMicroseconds } from '../time/now.ts'
import { timeAnswer, unixAnswer, utcAnswer } from './time-answers.ts'

const clock = {
  state: 'unknown',
  uncertainty_ms: null,
  reason: '',
  source: null,
  leap: null,
} as const
/** 1900 to 2200. */
const microseconds = fc.integer({ min: -2_208_988_800_000_000, max: 7_258_118_400_000_000 })

test('the time in UTC is what the time in the zone UTC is', () => {
  fc.assert(
    fc.property(microseconds, (epoch) => {
      const inZone = timeAnswer(instantOf(epoch).toZonedDateTimeISO('UTC'), clock)
      assert.equal(inZone.utc, instantOf(epoch).toString({ fractionalSecondDigits: 9 }))
      assert.equal(JSON.stringify(utcAnswer(epoch, clock)), JSON.stringify(inZone))
    }),
  )
})

test('seconds and nanoseconds are one instant, before 1970 too', () => {
  fc.assert(
    fc.property(fc.oneof(microseconds, fc.constantFrom(0, -1, 1)), (epoch) => {
      const unix = unixAnswer(epoch)
      assert.ok(unix.nanoseconds >= 0 && unix.nanoseconds < 1e9)
      const nanoseconds = BigInt(epoch) * 1000n
      assert.equal(BigInt(unix.unix_seconds) * 10n ** 9n + BigInt(unix.nanoseconds), nanoseconds)
      assert.equal(unix.unix_nanoseconds, String(nanoseconds))
    }),
  )
})

test('digits below the resolution of the clock are zero', () => {
  for (let count = 0; count < 100; count += 1) {
    assert.ok(Number.isSafeInteger(nowMicroseconds()))
    assert.equal(now().epochNanoseconds % 1000n, 0n)
  }
})
