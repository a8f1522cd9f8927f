/**
 * This machine's clock. Node reads it in milliseconds, as a double with a fraction: what is below a
 * microsecond is noise of its arithmetic.
 */

export const resolutionNs = 1000

/** A clock that is slewed, by 500 ppm at most, gets half a microsecond away from the other in this time. */
const rereadMs = 1

let readAtMs = -Infinity
let read = 0

/**
 * Unix time in whole microseconds: a safe integer until the year 2255. Reading the clock costs Node ten
 * times what reading the monotonic one does, so that this counts on from the last reading for a
 * millisecond. `monotonicMs` is now, by `performance.now()`.
 */
export function nowMicroseconds(monotonicMs: number = performance.now()): number {
  const sinceMs = monotonicMs - readAtMs
  if (sinceMs >= 0 && sinceMs < rereadMs) return read + Math.floor(sinceMs * 1000)
  readAtMs = performance.now()
  read = Math.floor(Number(Temporal.Now.instant().epochNanoseconds) / 1000)
  return read
}

/** The same as an instant. */
export function now(): Temporal.Instant {
  return instantOf(nowMicroseconds())
}

export function instantOf(microseconds: number): Temporal.Instant {
  return Temporal.Instant.fromEpochNanoseconds(BigInt(microseconds) * 1000n)
}
