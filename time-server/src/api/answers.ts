/** Everything that can be asked, whether over HTTP or by an MCP tool. */
import { ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { z } from '@hono/zod-openapi'
import { decideHealth } from '../health.ts'
import type { HealthContext } from '../findings.ts'
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
import { clockAnswer, timeAnswer, unixAnswer, uncertaintyAnswer } from './time-answers.ts'
import { clockWriter, timeText, unixText } from './time-texts.ts'

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
  /** `unix` and `utc` as JSON, for those who ask often. */
  unixText(): Promise<string>
  utcText(): Promise<string>
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

/** How good the clock is now, as an answer and as JSON. */
interface GrowingClock {
  answer(): ClockAnswer
  text(): string
}

/** Decided once for each look; then only the bound grows. */
function growingClock(context: HealthContext): (observation: Observation) => GrowingClock {
  let seen: Observation | null = null
  let clock: GrowingClock | null = null
  return (observation) => {
    if (clock !== null && seen === observation) return clock
    seen = observation
    const first = clockAnswer(observation, decideUncertainty(observation, 0, context.steersClock))
    const write = clockWriter(first)
    const bound = (): number | null =>
      first.uncertainty_ms === null
        ? null
        : first.uncertainty_ms + agingMsAfter(process.uptime() - observation.uptimeSeconds)
    clock = {
      answer: () => ({ ...first, uncertainty_ms: bound() }),
      text: () => write(bound()),
    }
    return clock
  }
}

type TimeAnswers = Omit<Answers, keyof StatusAnswers | keyof typeof zoneAnswers>

function timeAnswers({ look, context }: AnswerSources): TimeAnswers {
  const clockOf = growingClock(context)
  return {
    async unixText() {
      const goodness = clockOf(await look()).text()
      return unixText(Temporal.Now.instant().epochNanoseconds, goodness)
    },
    async utcText() {
      const goodness = clockOf(await look()).text()
      return timeText(Temporal.Now.instant().epochNanoseconds, goodness)
    },
    async utc() {
      const goodness = clockOf(await look()).answer()
      return timeAnswer(Temporal.Now.zonedDateTimeISO('UTC'), goodness)
    },
    async time(zone) {
      const goodness = clockOf(await look()).answer()
      const time = inZone(Temporal.Now.instant(), zone)
      return time.ok ? ok(timeAnswer(time.value, goodness)) : time
    },
    async unix() {
      const goodness = clockOf(await look()).answer()
      return { ...unixAnswer(Temporal.Now.instant().epochNanoseconds), clock: goodness }
    },
    async nanos() {
      const goodness = clockOf(await look()).answer()
      return { unix_nanoseconds: String(Temporal.Now.instant().epochNanoseconds), clock: goodness }
    },
    async formatted(format, zone) {
      const goodness = clockOf(await look()).answer()
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
