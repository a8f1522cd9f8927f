/** The HTTP API: one list, of which the routes and the OpenAPI document are made. */
import type { z } from 'zod'
import { failureAnswer, jsonAnswer } from '../http/answer.ts'
import type { Answer } from '../http/answer.ts'
import type { Soon } from '../observe.ts'
import type { Answers } from './answers.ts'
import {
  gpsStatusSchema,
  leapStatusSchema,
  nanosSchema,
  ntpPeersSchema,
  ntpStatusSchema,
  timeSchema,
  timezonesSchema,
  uncertaintySchema,
  unixSchema,
} from './schemas.ts'

/** What can be read at one path. */
export interface Endpoint {
  /** `{name}` at its end is a parameter, which may have slashes. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  /** Of a successful answer. */
  readonly schema: z.ZodType
  /** At the end of the path. */
  readonly parameter?: Parameter & {
    /** When it is answered with 404. */
    readonly unknown: string
  }
  /** The one that the query may have; it may be left out. */
  readonly query?: Parameter
  /** `given`: the parameter of the path or the query; '' without. */
  readonly read: (answers: Answers, given: string) => Soon<Answer>
}

export interface Parameter {
  readonly name: string
  readonly description: string
  readonly example: string
}

export const endpoints: readonly Endpoint[] = [
  {
    path: '/api/time',
    operationId: 'getTime',
    summary: 'The time in UTC',
    schema: timeSchema,
    read: (answers) => told(answers.utc()),
  },
  {
    path: '/api/unix',
    operationId: 'getUnixTime',
    summary: 'Unix seconds and nanoseconds',
    schema: unixSchema,
    read: (answers) => told(answers.unix()),
  },
  {
    path: '/api/nanos',
    operationId: 'getNanos',
    summary: 'Nanoseconds since 1970',
    schema: nanosSchema,
    read: (answers) => told(answers.nanos()),
  },
  {
    path: '/api/timezones',
    operationId: 'listTimezones',
    summary: 'The time zones',
    schema: timezonesSchema,
    query: {
      name: 'filter',
      description: 'Only names with this text in them, in small or capital letters',
      example: 'berlin',
    },
    read: (answers, filter) => told(answers.timezones(filter)),
  },
  {
    path: '/api/time/uncertainty',
    operationId: 'getTimeUncertainty',
    summary: 'How far from UTC the time can be',
    schema: uncertaintySchema,
    read: (answers) => told(answers.uncertainty()),
  },
  {
    path: '/api/time/timezone/{tz}',
    operationId: 'getTimeInTimezone',
    summary: 'The time in a time zone',
    schema: timeSchema,
    parameter: {
      name: 'tz',
      description: 'IANA name or offset; its slashes may be written as they are',
      example: 'Europe/Berlin',
      unknown: 'The time zone is not known',
    },
    read: async (answers, zone) => {
      const time = await answers.time(zone)
      if (time.ok) return jsonAnswer(200, time.value)
      return failureAnswer(404, 'unknown-timezone', time.failure)
    },
  },
  {
    path: '/api/ntp/status',
    operationId: 'getNtpStatus',
    summary: 'The NTP daemon',
    schema: ntpStatusSchema,
    read: (answers) => told(answers.ntpStatus()),
  },
  {
    path: '/api/ntp/peers',
    operationId: 'listNtpPeers',
    summary: 'The sources of the NTP daemon',
    schema: ntpPeersSchema,
    read: (answers) => told(answers.ntpPeers()),
  },
  {
    path: '/api/gps/status',
    operationId: 'getGpsStatus',
    summary: 'The GPS receiver',
    schema: gpsStatusSchema,
    read: (answers) => told(answers.gpsStatus()),
  },
  {
    path: '/api/leap-second/status',
    operationId: 'getLeapSecondStatus',
    summary: 'Leap seconds and their list',
    schema: leapStatusSchema,
    read: (answers) => told(answers.leapStatus()),
  },
]

function told(value: Soon<object>): Soon<Answer> {
  return value instanceof Promise
    ? value.then((each) => jsonAnswer(200, each))
    : jsonAnswer(200, value)
}
