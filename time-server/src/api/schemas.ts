/**
 * What the API and the MCP tools answer: one schema for the types, OpenAPI and the tools' output.
 * Units are in the names. `null` is "not known", and then a reason stands beside it.
 */
import { z } from 'zod'
import { contradictionKinds } from '../contradictions.ts'

/** What the OpenAPI document has by name. */
export const named = z.registry<{ id: string }>()

const text = z.string()
const maybe = z.number().nullable()

/** How good the time is, beside every time that is told. */
export const clockSchema = z
  .object({
    state: z.enum(['synced', 'holdover', 'unsynced', 'unknown']),
    uncertainty_ms: maybe.describe(
      'How far from UTC this time can be, by the word of the sources: root delay / 2 + root dispersion, growing with age (RFC 5905)',
    ),
    reason: text.nullable().describe('Why there is no uncertainty'),
    source: z
      .object({
        daemon: z.enum(['ntpd', 'chronyd']),
        stratum: maybe,
        refid: text.nullable(),
        address: text.nullable().describe('The selected source'),
      })
      .nullable(),
    leap: maybe.describe('Leap indicator; 1: 61 s, 2: 59 s at the end of the day, 3: alarm'),
  })
  .register(named, { id: 'Clock' })

const unixFields = {
  unix_seconds: z.int(),
  nanoseconds: z.int().min(0).max(999_999_999).describe('Within the second'),
  unix_nanoseconds: z
    .string()
    .regex(/^-?\d+$/)
    .describe('As text: JSON numbers lose digits'),
}

export const timeSchema = z
  .object({
    utc: text.describe('RFC 3339 with nanoseconds'),
    ...unixFields,
    timezone: text,
    local: text.describe('RFC 3339 with the offset of the time zone'),
    offset_seconds: z.int().describe('Local time minus UTC'),
    weekday: text,
    day_of_year: z.int(),
    iso_week: text.describe('Such as 2026-W48'),
    clock: clockSchema,
  })
  .register(named, { id: 'Time' })

export const unixSchema = z
  .object({ ...unixFields, clock: clockSchema })
  .register(named, { id: 'Unix' })

export const nanosSchema = z
  .object({
    unix_nanoseconds: unixFields.unix_nanoseconds,
    resolution_ns: z.int().describe('Of the clock as it is read here: digits below are zero'),
    clock: clockSchema,
  })
  .register(named, { id: 'Nanos' })

export const formattedSchema = z.object({
  formatted: text,
  format: text,
  timezone: text,
  clock: clockSchema,
})

export const timezonesSchema = z
  .object({ count: z.int(), timezones: z.array(text) })
  .register(named, { id: 'Timezones' })

export const conversionSchema = z.object({
  source: z.object({ timezone: text, time: text }),
  target: z.object({ timezone: text, time: text }),
  difference_seconds: z.int().describe("The target's offset minus the source's"),
  ambiguity: z
    .enum(['none', 'gap', 'fold'])
    .describe('gap: clocks skipped this time; fold: they showed it twice, the first is meant'),
})

export const uncertaintySchema = z
  .object({
    utc: text,
    state: clockSchema.shape.state,
    uncertainty_ms: maybe,
    earliest_utc: text.nullable(),
    latest_utc: text.nullable(),
    reason: text.nullable(),
    half_root_delay_ms: maybe,
    root_dispersion_ms: maybe,
    aging_ms: maybe.describe('15 ppm of the time since the daemon was asked'),
    caveat: text,
  })
  .register(named, { id: 'Uncertainty' })

export const ntpStatusSchema = z
  .object({
    daemon: z.enum(['ntpd', 'chronyd']).nullable(),
    asked_through: z.enum(['control', 'ntpq', 'chronyc']).nullable(),
    daemon_version: text.nullable(),
    synced: z.boolean().nullable(),
    state: clockSchema.shape.state,
    reasons: z.array(text),
    leap: maybe,
    stratum: maybe,
    offset_ms: maybe,
    root_delay_ms: maybe,
    root_dispersion_ms: maybe,
    jitter_ms: maybe,
    frequency_ppm: maybe,
    refid: text.nullable(),
    reftime_age_seconds: maybe,
    peers: maybe,
    contradictions: z
      .array(z.enum(contradictionKinds))
      .nullable()
      .describe('Figures that the daemon tells twice, and differently; reasons has both'),
    clock_disciplined: z.boolean().nullable(),
    clock_reason: text,
    other_disciplines: z.object({
      found: z.array(text),
      is_complete: z.boolean().describe('Whether everything that could steer could be seen'),
      reason: text,
    }),
  })
  .register(named, { id: 'NtpStatus' })

export const ntpPeersSchema = z
  .object({
    reason: text.nullable().describe('Why there is no list, or only a part of it'),
    peers: z
      .array(
        z.object({
          address: text,
          name: text.nullable(),
          refid: text.nullable(),
          stratum: maybe,
          tally: text.describe('*, o: followed; +: candidate; -: outlier; x: falseticker'),
          selection: text,
          reach: maybe.describe('The last eight polls as bits'),
          offset_ms: maybe,
          delay_ms: maybe,
          jitter_ms: maybe,
        }),
      )
      .nullable(),
  })
  .register(named, { id: 'NtpPeers' })

const pulseSchema = z.object({ offset_ns: z.number(), age_seconds: z.number() }).nullable()

export const gpsStatusSchema = z
  .object({
    state: z.enum(['disabled', 'unknown', 'no-device', 'silent', 'no-fix', 'fix']),
    reason: text.nullable(),
    gpsd_version: text.nullable(),
    device: text.nullable(),
    driver: text.nullable(),
    mode: maybe.describe('1: no fix, 2: 2D, 3: 3D'),
    time: text.nullable(),
    fix_age_seconds: maybe,
    leap_seconds: maybe,
    satellites_used: maybe,
    satellites_seen: maybe,
    mean_signal_dbhz: maybe,
    hdop: maybe,
    vdop: maybe,
    pdop: maybe,
    tdop: maybe,
    pps: pulseSchema.describe('Clock minus pulse'),
    serial: pulseSchema.describe('Clock minus serial time: its latency'),
    receivers: z
      .array(
        z.object({
          device: text.nullable(),
          state: z.enum(['silent', 'no-fix', 'fix']),
          reason: text.nullable(),
        }),
      )
      .describe('All that gpsd has; the first is the one that is told here'),
  })
  .register(named, { id: 'GpsStatus' })

export const leapStatusSchema = z
  .object({
    state: z.enum(['valid', 'expired', 'unknown']).describe('Of the list of leap seconds'),
    reason: text.nullable(),
    leap_indicator: maybe.describe('What the daemon announces; 0: nothing, 3: alarm'),
    tai_offset_seconds: maybe.describe('TAI − UTC now'),
    next_leap_utc: text.nullable().describe('The next announced change; null: none in the list'),
    list_updated_utc: text.nullable(),
    list_expires_utc: text.nullable(),
    list_expires_in_seconds: maybe.describe('Negative when it has expired'),
    daemon_list_expires_utc: text.nullable().describe("By the daemon's own word"),
  })
  .register(named, { id: 'LeapStatus' })

export const errorSchema = z.object({ error: text, message: text }).register(named, { id: 'Error' })

export type ClockAnswer = z.infer<typeof clockSchema>
export type TimeAnswer = z.infer<typeof timeSchema>
export type UncertaintyAnswer = z.infer<typeof uncertaintySchema>
export type NtpStatusAnswer = z.infer<typeof ntpStatusSchema>
export type NtpPeersAnswer = z.infer<typeof ntpPeersSchema>
export type GpsStatusAnswer = z.infer<typeof gpsStatusSchema>
export type LeapStatusAnswer = z.infer<typeof leapStatusSchema>
