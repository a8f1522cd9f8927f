/**
 * Whether the time of a fix can be believed. Pure. A receiver has a fix and the wrong decade when its
 * count of weeks has rolled over (1024 weeks are 19.6 years), and a fix without any satellite when it
 * reckons on or is a simulator: gpsd passes all of it on as mode 3.
 */
import { fixStatus } from '@timeball/clock/gpsd/report.ts'
import type { TpvReport } from '@timeball/clock/gpsd/report.ts'
import type { Heard } from '@timeball/clock/gpsd/state.ts'
import { releasedAtMs } from '../version.ts'

/** One instant on both clocks: the one that stamps what is heard, and this machine's. */
export interface Moment {
  readonly monotonicMs: number
  readonly unixMs: number
}

/** A serial message may come more than a second after the second that it names. */
const maxDifferenceSeconds = 3

const notFromSatellites = new Map<number, string>([
  [fixStatus.deadReckoning, 'the receiver reckons on without satellites'],
  [fixStatus.mixedDeadReckoning, 'the receiver reckons on with few satellites'],
  [fixStatus.simulated, "the receiver's fix is simulated"],
])

/**
 * `clockMinusReceiver`: in seconds, as pulse or serial time have it; `null`: neither is told. Gives
 * `null` when there is nothing against the fix.
 */
export function whyNoGoodFix(
  { report, atMs }: Heard<TpvReport>,
  clockMinusReceiver: number | null,
  now: Moment,
): string | null {
  const { status, time } = report
  const simulated = status === null ? undefined : notFromSatellites.get(status)
  if (simulated !== undefined) return simulated
  const receiverMs = time === null ? NaN : Date.parse(time)
  if (receiverMs < releasedAtMs) {
    return `the receiver says ${time}: that is before this release was made, so its weeks have rolled over`
  }
  // Nobody can be wrong against a clock that has not been set yet.
  if (now.unixMs < releasedAtMs) return null
  const atClockMs = now.unixMs - (now.monotonicMs - atMs)
  const byTime = (atClockMs - receiverMs) / 1000
  const worst = [byTime, clockMinusReceiver ?? 0].find(
    (seconds) => Math.abs(seconds) > maxDifferenceSeconds,
  )
  if (worst === undefined) return null
  return `the receiver and this clock are ${span(worst)} apart: one of them is wrong`
}

const daySeconds = 86_400

function span(seconds: number): string {
  const size = Math.abs(seconds)
  if (size >= 2 * daySeconds) return `${Math.round(size / daySeconds)} days`
  return `${Math.round(size)} s`
}
