/** Everything that can be asked, whether over HTTP or by an MCP tool. */
import { ok } from '@timeball/clock/result.ts'
import type { Result } from '@timeball/clock/result.ts'
import type { z } from '@hono/zod-openapi'
import { decideHealth } from '../health.ts'
import type { HealthContext } from '../health.ts'
import type { Observation } from '../observe.ts'
import type { LeapList } from '../time/leap-list.ts'
import { strftime } from '../time/strftime.ts'
import { agingMsAfter, decideUncertainty } from '../time/uncertainty.ts'
import type { Uncertainty } from '../time/uncertainty.ts'
import { convert, inZone, timezones } from '../time/zones.ts'
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
  timeAnswer,
  unixAnswer,
  uncertaintyAnswer,
  utcTimeAnswer,
} from './time-answers.ts'

/** What the answers are made from. Neither function rejects. */
export interface AnswerSources {
  readonly look: () => Promise<Observation>
  readonly leapList: () => Promise<Result<LeapList, string>>
  readonly context: HealthContext
}

/** A failure is the caller's, in one sentence. */
export interface Answers {
  utc(): Promise<TimeAnswer>
  time(zone: string): Promise<Result<TimeAnswer, string>>
  unix(): Promise<z.infer<typeof unixSchema>>
  nanos(): Promise<z.infer<typeof nanosSchema>>
  formatted(format: string, zone: string): Promise<Result<z.infer<typeof formattedSchema>, string>>
  timezones(filter: string): z.infer<typeof timezonesSchema>
  convert(request: ConversionRequest): Result<z.infer<typeof conversionSchema>, string>
  uncertainty(): Promise<UncertaintyAnswer>
  ntpStatus(): Promise<NtpStatusAnswer>
  ntpPeers(): Promise<NtpPeersAnswer>
  gpsStatus(): Promise<GpsStatusAnswer>
  leapStatus(): Promise<LeapStatusAnswer>
}

/** The time is read last, after everything that may wait. */
export function answersFrom(sources: AnswerSources): Answers {
  return { ...timeAnswers(sources), ...statusAnswers(sources), ...zoneAnswers }
}

/** The bound of this moment. */
export function uncertaintyOf(observation: Observation, context: HealthContext): Uncertainty {
  const sinceLookSeconds = process.uptime() - observation.uptimeSeconds
  return decideUncertainty(observation, sinceLookSeconds, context.steersClock)
}

type TimeAnswers = Pick<Answers, 'utc' | 'time' | 'unix' | 'nanos' | 'formatted' | 'uncertainty'>

function timeAnswers({ look, context }: AnswerSources): TimeAnswers {
  let seen: Observation | null = null
  let first: ClockAnswer | null = null
  /** Decided once for each look; then only the bound grows. */
  function clockOf(observation: Observation): ClockAnswer {
    if (first === null || seen !== observation) {
      seen = observation
      first = clockAnswer(observation, decideUncertainty(observation, 0, context.steersClock))
    }
    if (first.uncertainty_ms === null) return first
    const sinceLookSeconds = process.uptime() - observation.uptimeSeconds
    return { ...first, uncertainty_ms: first.uncertainty_ms + agingMsAfter(sinceLookSeconds) }
  }
  return {
    async utc() {
      const goodness = clockOf(await look())
      return utcTimeAnswer(Temporal.Now.instant().epochNanoseconds, goodness)
    },
    async time(zone) {
      const goodness = clockOf(await look())
      const time = inZone(Temporal.Now.instant(), zone)
      return time.ok ? ok(timeAnswer(time.value, goodness)) : time
    },
    async unix() {
      const goodness = clockOf(await look())
      return { ...unixAnswer(Temporal.Now.instant().epochNanoseconds), clock: goodness }
    },
    async nanos() {
      const goodness = clockOf(await look())
      return { unix_nanoseconds: String(Temporal.Now.instant().epochNanoseconds), clock: goodness }
    },
    async formatted(format, zone) {
      const goodness = clockOf(await look())
      const time = inZone(Temporal.Now.instant(), zone)
      if (!time.ok) return time
      const text = strftime(format, time.value)
      if (!text.ok) return text
      return ok({ formatted: text.value, format, timezone: time.value.timeZoneId, clock: goodness })
    },
    async uncertainty() {
      const bound = uncertaintyOf(await look(), context)
      return uncertaintyAnswer(Temporal.Now.instant(), bound)
    },
  }
}

type StatusAnswers = Pick<Answers, 'ntpStatus' | 'ntpPeers' | 'gpsStatus' | 'leapStatus'>

function statusAnswers({ look, leapList, context }: AnswerSources): StatusAnswers {
  return {
    async ntpStatus() {
      const observation = await look()
      const health = decideHealth(observation, context)
      return ntpStatusAnswer(observation, health, uncertaintyOf(observation, context))
    },
    async ntpPeers() {
      const observation = await look()
      return ntpPeersAnswer(observation, decideHealth(observation, context))
    },
    async gpsStatus() {
      return gpsStatusAnswer((await look()).gps)
    },
    async leapStatus() {
      const [list, observation] = [await leapList(), await look()]
      return leapStatusAnswer(list, observation, Temporal.Now.instant().epochMilliseconds / 1000)
    },
  }
}

const zoneAnswers: Pick<Answers, 'timezones' | 'convert'> = {
  timezones(filter) {
    const wanted = filter.toLowerCase()
    const found = timezones.filter((name) => name.toLowerCase().includes(wanted))
    return { count: found.length, timezones: found }
  },
  convert(request) {
    const conversion = convert(request, Temporal.Now.instant())
    if (!conversion.ok) return conversion
    const { source, target, ambiguity } = conversion.value
    const difference_seconds = (target.offsetNanoseconds - source.offsetNanoseconds) / 1e9
    return ok({ source: sideOf(source), target: sideOf(target), difference_seconds, ambiguity })
  },
}

function sideOf(time: Temporal.ZonedDateTime): {
  readonly timezone: string
  readonly time: string
} {
  return { timezone: time.timeZoneId, time: time.toString({ timeZoneName: 'never' }) }
}
