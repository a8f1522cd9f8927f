import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { timeAnswer, unixAnswer } from './time-answers.ts'
import { clockWriter, timeText, unixText } from './time-texts.ts'

const clock = {
  state: 'unknown',
  uncertainty_ms: null,
  reason: '',
  source: null,
  leap: null,
} as const
/** 1900 to 2200. */
const nanoseconds = fc.bigInt({ min: -2_208_988_800_000_000_000n, max: 7_258_118_400_000_000_000n })

const bound = fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }))

test('what is written at once is what the objects say', () => {
  fc.assert(
    fc.property(nanoseconds, bound, (epoch, uncertainty_ms) => {
      const told = { ...clock, uncertainty_ms, reason: 'a "reason"' }
      const written = clockWriter({ ...told, uncertainty_ms: 1 })(uncertainty_ms)
      const instant = Temporal.Instant.fromEpochNanoseconds(epoch)
      const slow = timeAnswer(instant.toZonedDateTimeISO('UTC'), told)
      assert.equal(slow.utc, instant.toString({ fractionalSecondDigits: 9 }))
      assert.equal(timeText(epoch, written), `${JSON.stringify(slow)}\n`)
      const unix = { ...unixAnswer(epoch), clock: told }
      assert.equal(unixText(epoch, written), `${JSON.stringify(unix)}\n`)
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
