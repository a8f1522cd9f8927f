import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { timeAnswer, unixAnswer, utcTimeAnswer } from './time-answers.ts'

const clock = {
  state: 'unknown',
  uncertainty_ms: null,
  reason: '',
  source: null,
  leap: null,
} as const
/** 1900 to 2200. */
const nanoseconds = fc.bigInt({ min: -2_208_988_800_000_000_000n, max: 7_258_118_400_000_000_000n })

test('the fast way to write a time in UTC gives what Temporal gives', () => {
  fc.assert(
    fc.property(nanoseconds, (epoch) => {
      const instant = Temporal.Instant.fromEpochNanoseconds(epoch)
      const fast = utcTimeAnswer(epoch, clock)
      assert.equal(fast.utc, instant.toString({ fractionalSecondDigits: 9 }))
      assert.deepEqual(fast, timeAnswer(instant.toZonedDateTimeISO('UTC'), clock))
    }),
  )
})

test('seconds and nanoseconds are one instant, before 1970 too', () => {
  fc.assert(
    fc.property(nanoseconds, (epoch) => {
      const unix = unixAnswer(epoch)
      assert.ok(unix.nanoseconds >= 0 && unix.nanoseconds < 1e9)
      assert.equal(BigInt(unix.unix_seconds) * 10n ** 9n + BigInt(unix.nanoseconds), epoch)
      assert.equal(unix.unix_nanoseconds, String(epoch))
    }),
  )
})
