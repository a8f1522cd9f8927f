/** Everything that can be asked, whether over HTTP or by an MCP tool. */
import { ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { z } from 'zod'
import type { HealthContext } from '../findings.ts'
import { decideHealth } from '../health.ts'
import { withLook } from '../observe.ts'
import type { Observation, Observer, Soon } from '../observe.ts'
import type { LeapList } from '../time/leap-list.ts'
import { now, nowMicroseconds, resolutionNs } from '../time/now.ts'
import { strftime } from '../time/strftime.ts'
import { agingMsAfter, decideUncertainty } from '../time/uncertainty.ts'
import type { Uncertainty } from '../time/uncertainty.ts'
import type { ZoneData } from '../time/zone-data.ts'
import { convert, inZone } from '../time/zones.ts'
import type { ConversionRequest } from '../time/zones.ts'
import type {
  ClockAnswer,
  conversionSchema,
  formattedSchema,
  GpsStatusAnswer,
  LeapStatusAnswer,
  nanosSchema,
  NtpPeersAnswer,
  NtpStatusAnswer,
  TimeAnswer,
  timezonesSchema,
  UncertaintyAnswer,
  unixSchema,
} from './schemas.ts'
import {
  gpsStatusAnswer,
  leapStatusAnswer,
  ntpPeersAnswer,
  ntpStatusAnswer,
} from './status-answers.ts'
import {
  clockAnswer,
  roundedUp,
  timeAnswer,
  uncertaintyAnswer,
  unixAnswer,
  utcAnswer,
} from './time-answers.ts'

/** What the answers are made from. `leapList` never rejects. */
export interface AnswerSources {
  readonly observer: Observer
  readonly leapList: () => Promise<Result<LeapList, string>>
  readonly zoneData: ZoneData
  readonly context: HealthContext
}

/** A failure is the caller's, in one sentence. */
export interface Answers {
  utc(): Soon<TimeAnswer>
  time(zone: string): Soon<Result<TimeAnswer, string>>
  unix(): Soon<z.infer<typeof unixSchema>>
  nanos(): Soon<z.infer<typeof nanosSchema>>
  formatted(format: string, zone: string): Promise<Result<z.infer<typeof formattedSchema>, string>>
  timezones(filter: string): z.infer<typeof timezonesSchema>
  convert(request: ConversionRequest): Result<z.infer<typeof conversionSchema>, string>
  uncertainty(): Soon<UncertaintyAnswer>
  ntpStatus(): Soon<NtpStatusAnswer>
  ntpPeers(): Soon<NtpPeersAnswer>
  gpsStatus(): Soon<GpsStatusAnswer>
  leapStatus(): Promise<LeapStatusAnswer>
}

/** The time is read last, after everything that may wait. */
export function answersFrom(sources: AnswerSources): Answers {
  return { ...timeAnswers(sources), ...statusAnswers(sources), ...zoneAnswers(sources) }
}

/** The bound of this moment. */
export function uncertaintyOf(
  observation: Observation,
  context: HealthContext,
  monotonicMs: number = performance.now(),
): Uncertainty {
  return decideUncertainty(observation, ageOf(observation, monotonicMs), context.steersClock)
}

/** Seconds since the look. */
function ageOf({ uptimeSeconds }: Observation, monotonicMs: number): number {
  return monotonicMs / 1000 - uptimeSeconds
}

/** How good the clock is now. Decided once for each check; then only the bound grows. */
function growingClock(
  context: HealthContext,
): (observation: Observation, monotonicMs: number) => ClockAnswer {
  let seen: Observation | null = null
  let first: ClockAnswer | null = null
  return (observation, monotonicMs) => {
    if (first === null || seen !== observation) {
      seen = observation
      first = clockAnswer(observation, decideUncertainty(observation, 0, context.steersClock))
    }
    const { uncertainty_ms: bound, state, reason, source, leap } = first
    if (bound === null) return first
    const uncertainty_ms = roundedUp(bound + agingMsAfter(ageOf(observation, monotonicMs)))
    return { state, uncertainty_ms, reason, source, leap }
  }
}

type TimeAnswers = Pick<Answers, 'utc' | 'time' | 'unix' | 'nanos' | 'formatted' | 'uncertainty'>

function timeAnswers({ observer, context, zoneData }: AnswerSources): TimeAnswers {
  const clockOf = growingClock(context)
  const withClock = <T>(make: (clock: ClockAnswer, monotonicMs: number) => T): Soon<T> =>
    withLook(observer, (observation, nowMs) => make(clockOf(observation, nowMs), nowMs))
  return {
    utc: () => withClock((clock, nowMs) => utcAnswer(nowMicroseconds(nowMs), clock)),
    time: (zone) =>
      withClock((clock) => {
        const time = inZone(now(), zone, zoneData.names)
        return time.ok ? ok(timeAnswer(time.value, clock)) : time
      }),
    unix: () => withClock((clock, nowMs) => ({ ...unixAnswer(nowMicroseconds(nowMs)), clock })),
    nanos: () =>
      withClock((clock, nowMs) => {
        const { unix_nanoseconds } = unixAnswer(nowMicroseconds(nowMs))
        return { unix_nanoseconds, resolution_ns: resolutionNs, clock }
      }),
    async formatted(format, zone) {
      const first = inZone(now(), zone, zoneData.names)
      if (!first.ok) return first
      const abbreviation = await zoneData.abbreviations(first.value.timeZoneId)
      return withClock((clock) => {
        const time = now().toZonedDateTimeISO(first.value.timeZoneId)
        const text = strftime(format, time, abbreviation)
        if (!text.ok) return text
        return ok({ formatted: text.value, format, timezone: time.timeZoneId, clock })
      })
    },
    uncertainty: () =>
      withLook(observer, (observation) =>
        uncertaintyAnswer(now(), uncertaintyOf(observation, context)),
      ),
  }
}

type StatusAnswers = Pick<Answers, 'ntpStatus' | 'ntpPeers' | 'gpsStatus' | 'leapStatus'>

function statusAnswers({ observer, leapList, context }: AnswerSources): StatusAnswers {
  return {
    ntpStatus: () =>
      withLook(observer, (observation) => {
        const health = decideHealth(observation, context)
        return ntpStatusAnswer(observation, health, uncertaintyOf(observation, context))
      }),
    ntpPeers: () =>
      withLook(observer, (observation) =>
        ntpPeersAnswer(observation, decideHealth(observation, context)),
      ),
    gpsStatus: () => withLook(observer, ({ gps }) => gpsStatusAnswer(gps)),
    async leapStatus() {
      const [list, observation] = [await leapList(), await observer.look()]
      return leapStatusAnswer(list, observation, nowMicroseconds() / 1e6)
    },
  }
}

function zoneAnswers({ zoneData }: AnswerSources): Pick<Answers, 'timezones' | 'convert'> {
  const { names } = zoneData
  return {
    timezones(filter) {
      const wanted = filter.toLowerCase()
      const found = names.filter((name) => name.toLowerCase().includes(wanted))
      return { count: found.length, timezones: found }
    },
    convert(request) {
      const conversion = convert(request, now(), names)
      if (!conversion.ok) return conversion
      const { source, target, ambiguity } = conversion.value
      const difference_seconds = (target.offsetNanoseconds - source.offsetNanoseconds) / 1e9
      return ok({ source: sideOf(source), target: sideOf(target), difference_seconds, ambiguity })
    },
  }
}

function sideOf(time: Temporal.ZonedDateTime): {
  readonly timezone: string
  readonly time: string
} {
  return { timezone: time.timeZoneId, time: time.toString({ timeZoneName: 'never' }) }
}
