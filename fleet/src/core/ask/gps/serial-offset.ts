/**
 * How late the sentences of a receiver are: when they came by the clock of the device, less what that
 * clock is ahead by, which something better than the sentences has to tell.
 */
import { parseReport } from '@timeball/clock/gpsd/report.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'

export interface SerialSamples {
  /** Clock minus sentence, in seconds, one for each second. */
  readonly serial: readonly number[]
  /** Clock minus pulse, in seconds. */
  readonly pulse: readonly number[]
  /** What ntpd says of the pulse that it follows, true time minus clock, in seconds. */
  readonly followed: readonly number[]
  readonly isGpsdSilent: boolean
}

/** Of a poll of ntpq: what it follows is `*`, or `o` where the daemon knows that it is a pulse. */
const followedPulse =
  /^board=[*o](?:SHM\(1\)|PPS\(\d\)|127\.127\.(?:28\.1|22\.\d{1,3}))\s+(?:\S+\s+){7}(-?\d{1,6}(?:\.\d{1,6})?)\s/

export function readSerial(output: string): SerialSamples {
  const lines = output.split('\n')
  const reports = lines.flatMap((line) =>
    line.startsWith('gpsd=') ? (parseReport(line.slice(5)) ?? []) : [],
  )
  const offsets = (kind: 'toff' | 'pps'): number[] =>
    reports.flatMap((each) => (each.kind === kind ? each.offsetNs / 1e9 : []))
  const followed = lines.flatMap((line) => {
    const [, offsetMs] = followedPulse.exec(line) ?? []
    return offsetMs === undefined ? [] : Number(offsetMs) / 1000
  })
  const isGpsdSilent = lines.includes('lack=gpsd')
  return { serial: offsets('toff'), pulse: offsets('pps'), followed, isGpsdSilent }
}

/** The clock of the device against the fleet's agreed time; `null`: there is none. */
export interface AgreedClock {
  readonly aheadSeconds: number
  /** Bound on the error of it. */
  readonly errorSeconds: number
}

export interface SerialOffset {
  readonly against: 'pulse' | 'fleet'
  readonly samples: number
  /** Median; above 0 the sentences are late. */
  readonly lateSeconds: number
  /** Nine of ten samples are between these two. */
  readonly fromSeconds: number
  readonly toSeconds: number
}

const fewest = 20
/** A receiver whose sentences scatter more has no offset to speak of. */
export const widestSeconds = 0.1
/** A fleet measured over the network is no better than this; serial time is to be right to 10 ms. */
const worstAgreedSeconds = 0.01

/** The failure is a sentence: why nothing can be proposed. */
export function judgeSerial(
  { serial, pulse, followed }: SerialSamples,
  agreed: AgreedClock | null,
): Result<SerialOffset, string> {
  if (serial.length < fewest) {
    return fail(
      `${serial.length} sentences came, and ${fewest} are needed: gpsd hears no receiver with a fix`,
    )
  }
  const reference = referenceOf(pulse, followed, agreed)
  if (!reference.ok) return reference
  const { against, aheadSeconds } = reference.value
  const late = serial.map((offset) => offset - aheadSeconds).toSorted((a, b) => a - b)
  const offset: SerialOffset = {
    ...{ against, samples: late.length },
    lateSeconds: quantile(late, 0.5),
    fromSeconds: quantile(late, 0.05),
    toSeconds: quantile(late, 0.95),
  }
  const width = offset.toSeconds - offset.fromSeconds
  if (width > widestSeconds) {
    return fail(
      `its sentences come at times ${Math.round(width * 1000)} ms apart: let the receiver send fewer of them, or at a higher speed`,
    )
  }
  if (Math.abs(offset.lateSeconds) >= 1) {
    return fail(
      'its sentences come in another second: the receiver sends more than its line carries',
    )
  }
  return ok(offset)
}

function referenceOf(
  pulse: readonly number[],
  followed: readonly number[],
  agreed: AgreedClock | null,
): Result<{ readonly against: SerialOffset['against']; readonly aheadSeconds: number }, string> {
  if (pulse.length >= fewest) {
    return ok({ against: 'pulse', aheadSeconds: medianOf(pulse) })
  }
  // Before and after: a clock that followed the pulse all the time.
  if (followed.length >= 2) return ok({ against: 'pulse', aheadSeconds: -medianOf(followed) })
  if (agreed === null) return fail('there is neither a pulse nor a time on which the fleet agrees')
  if (agreed.errorSeconds > worstAgreedSeconds) {
    const error = `${Math.round(agreed.errorSeconds * 1000)} ms`
    return fail(`there is no pulse, and the fleet tells its time only to ${error}`)
  }
  return ok({ against: 'fleet', aheadSeconds: agreed.aheadSeconds })
}

function medianOf(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}

/** Of sorted values, with steps between them made straight; at least one is there. */
function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}

/** What the time server takes where nothing is set (`GPS_LATENCY_SECONDS`). */
export const usualLatencySeconds = 0.12

/** Whole milliseconds, in seconds: finer than the sentences of any receiver. */
export function latencySetting({ lateSeconds }: SerialOffset): number {
  return Math.round(lateSeconds * 1000) / 1000
}
