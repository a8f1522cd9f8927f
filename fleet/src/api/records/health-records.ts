/** Records of `health`, `clock` and `monitoring`. */
import { z } from 'zod'
import { device, list, names, unixMs, unknownNumber, unknownText } from './parts.ts'

export const health = z
  .strictObject({
    type: z.literal('health'),
    device,
    role: z.string(),
    verdict: z.string().describe('The worst of its reasons.'),
    reasons: list(z.strictObject({ check: z.string(), level: z.string(), text: z.string() })),
    http_status: unknownNumber,
    ntp_synced: z.boolean().nullable(),
    stratum: unknownNumber,
    refid: unknownText,
    leap: unknownNumber,
    reach: unknownNumber,
    offset_ms: unknownNumber.describe('Self-reported, to its own reference.'),
    measured_offset_seconds: unknownNumber.describe('Against the machine that asked.'),
    measured_error_seconds: unknownNumber,
    disk_used_percent: unknownNumber,
    container: unknownText,
    generation: unknownNumber,
    drift: names.nullable().describe('Resources that are not up to date.'),
    last_backup_unix_ms: unixMs.nullable().describe('Of the last good one; null: none is known.'),
    last_drill_unix_ms: unixMs.nullable().describe('When a restore was last rehearsed.'),
  })
  .describe('Whether a device serves good time.')

export const server = z.strictObject({
  device: z.string(),
  kind: z.string(),
  address: unknownText,
  port: z.number(),
  verdict: z.string(),
  offset_seconds: unknownNumber,
  error_seconds: unknownNumber,
  delay_seconds: unknownNumber,
  jitter_seconds: unknownNumber,
  root_distance_seconds: unknownNumber,
  precision_seconds: unknownNumber,
  stratum: unknownNumber,
  refid: unknownText,
  leap: unknownNumber,
  sent: z.number(),
  answered: z.number(),
  self_reported_offset_seconds: unknownNumber,
  vote: unknownText.describe('The clock for which it votes.'),
  faults: list(
    z.strictObject({ fault: z.string(), level: z.enum(['bad', 'warn']), text: z.string() }),
  ),
  score: unknownNumber,
  slo: z.record(z.string(), unknownNumber).nullable(),
  alerting: z.boolean(),
})
export const time = z.looseObject({ decided: z.boolean(), offsets_against: z.string() })

/** Of a sweep, alone in its record with `--watch`, and in the result otherwise. */
export const sweepFields = {
  servers: list(server),
  references: list(server),
  time: time.describe("The fleet's time, where the votes decide it."),
  took_seconds: z.number(),
}
export const sweep = z
  .strictObject({ type: z.literal('sweep'), ...sweepFields })
  .describe('All servers were measured once (clock --watch).')

export const file = z
  .strictObject({ type: z.literal('file'), path: z.string(), change: z.string() })
  .describe('A file that was written (monitoring generate, keys export).')
export const check = z
  .strictObject({
    type: z.literal('check'),
    what: z.string(),
    outcome: z.enum(['ok', 'failed', 'skipped']),
    detail: z.string(),
  })
  .describe('A check of the monitoring.')
export const service = z
  .strictObject({
    type: z.literal('service'),
    name: z.string(),
    state: z.enum(['ready', 'starting', 'stopped']),
    detail: z.string(),
    with: z.enum(['compose', 'host']),
  })
  .describe('A program of the monitoring.')
