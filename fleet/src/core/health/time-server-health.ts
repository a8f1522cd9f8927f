/** What a time server says of itself on `GET /health`: read tolerantly, cleaned, never guessed. */
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'

/**
 * The server's own word, with `null` for everything that it does not say. Strings are printable
 * and short, whatever was sent.
 */
export interface TimeServerHealth {
  /** 200 and 503 are both answers. */
  readonly httpStatus: number
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | null
  readonly reasons: readonly string[]
  readonly version: string | null
  readonly device: string | null
  readonly uptimeSeconds: number | null
  readonly ntp: TimeServerNtp
  readonly gps: TimeServerGps
  readonly diskUsedPercent: number | null
  /** Whether something steers the clock of the device (CAP_SYS_TIME). */
  readonly clock: { readonly isDisciplined: boolean | null; readonly reason: string | null }
}

/** What the server's own NTP daemon says, as the server passes it on. */
export interface TimeServerNtp {
  readonly isSynced: boolean | null
  /** 3 is the alarm. */
  readonly leap: number | null
  readonly stratum: number | null
  /** To its own reference, so it says nothing about whether the reference is right. */
  readonly offsetMs: number | null
  readonly rootDelayMs: number | null
  readonly rootDispersionMs: number | null
  readonly refid: string | null
  readonly selected: SelectedPeer | null
  readonly peers: number | null
}

export interface SelectedPeer {
  readonly address: string | null
  /** The first column of `ntpq -p`: `*` is the system peer, `o` the system peer with PPS. */
  readonly tally: string | null
  /** The last eight polls, newest in the lowest bit; 0 to 255. */
  readonly reach: number | null
}

/** The receiver, as gpsd tells the server. */
export interface TimeServerGps {
  /** `unknown`: the server says that it does not know. */
  readonly state: z.output<typeof gpsState> | null
  /** Why there is no fix. */
  readonly reason: string | null
}

const gpsState = z.enum(['disabled', 'unknown', 'no-device', 'silent', 'no-fix', 'fix'])

const maxReasons = 16

const text = z
  .string()
  .transform((value) => printable(value, 120))
  .nullable()
  .catch(null)
const number = z.number().nullable().catch(null)
const boolean = z.boolean().nullable().catch(null)
const count = z.int().min(0).nullable().catch(null)

const selected = z
  .object({
    address: text.default(null),
    tally: z
      .string()
      .regex(/^[ -~]$/)
      .nullable()
      .catch(null)
      .default(null),
    reach: z.int().min(0).max(255).nullable().catch(null).default(null),
  })
  .nullable()
  .catch(null)

const ntp = z.object({
  synced: boolean.default(null),
  leap: z.int().min(0).max(3).nullable().catch(null).default(null),
  stratum: z.int().min(0).max(255).nullable().catch(null).default(null),
  offset_ms: number.default(null),
  root_delay_ms: number.default(null),
  root_dispersion_ms: number.default(null),
  refid: text.default(null),
  selected: selected.default(null),
  peers: count.default(null),
})

const noNtp = ntp.parse({})
const noGps = { state: null, reason: null }

const schema = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']).nullable().catch(null).default(null),
  reasons: z.array(z.unknown()).catch([]).default([]),
  version: text.default(null),
  device: text.default(null),
  uptime_seconds: number.default(null),
  ntp: ntp.catch(noNtp).default(noNtp),
  gps: z
    .object({ state: gpsState.nullable().catch(null).default(null), reason: text.default(null) })
    .catch(noGps)
    .default(noGps),
  disk: z
    .object({ used_percent: z.number().min(0).max(100).nullable().catch(null).default(null) })
    .catch({ used_percent: null })
    .default({ used_percent: null }),
  clock: z
    .object({ disciplined: boolean.default(null), reason: text.default(null) })
    .catch({ disciplined: null, reason: null })
    .default({ disciplined: null, reason: null }),
})

/**
 * Reads the body of `/health`. A field of the wrong type is the same as a missing one: `null`.
 * Fails only when the body is not a JSON object; `failure` is printable.
 */
export function parseTimeServerHealth(
  httpStatus: number,
  body: string,
): Result<TimeServerHealth, string> {
  const json = parseJson(body)
  if (!json.ok) return json
  const parsed = schema.safeParse(json.value)
  if (!parsed.success) return fail('the answer is not a JSON object')
  const said = parsed.data
  return ok({
    httpStatus,
    status: said.status,
    reasons: reasonsOf(said.reasons),
    version: said.version,
    device: said.device,
    uptimeSeconds: said.uptime_seconds,
    ntp: ntpOf(said.ntp),
    gps: said.gps,
    diskUsedPercent: said.disk.used_percent,
    clock: { isDisciplined: said.clock.disciplined, reason: said.clock.reason },
  })
}

function ntpOf(said: z.output<typeof ntp>): TimeServerNtp {
  return {
    isSynced: said.synced,
    leap: said.leap,
    stratum: said.stratum,
    offsetMs: said.offset_ms,
    rootDelayMs: said.root_delay_ms,
    rootDispersionMs: said.root_dispersion_ms,
    refid: said.refid,
    selected: said.selected,
    peers: said.peers,
  }
}

function reasonsOf(said: readonly unknown[]): string[] {
  return said
    .slice(0, maxReasons)
    .filter((reason) => typeof reason === 'string')
    .map((reason) => printable(reason, 200))
}

function parseJson(body: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(body))
  } catch {
    return fail('the answer is not JSON')
  }
}
