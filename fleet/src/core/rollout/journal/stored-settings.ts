/**
 * The settings of a rollout as its journal has them: resolved, durations in milliseconds. This is a
 * format of its own and not the schema of `fleet.yaml`: what that drops, renames or tightens later
 * makes no journal unreadable. What is missing or means nothing any more has the default here, which
 * is the one of the day when the key came into the format.
 */
import { z } from 'zod'
import type { RolloutSettings } from '../settings.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const count = (fallback: number) => z.int().min(0).catch(fallback)
const ms = (fallback: number) => z.number().min(0).catch(fallback)
const flag = (fallback: boolean) => z.boolean().catch(fallback)
const countOrShare = z.union([z.int().min(1), z.string().regex(/^(100|[1-9]\d?)%$/)])
const url = z.string().optional().catch(undefined)

/** A group of settings; one that is missing has all the defaults. */
function group<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.preprocess(
    (value) => (typeof value === 'object' && value !== null ? value : {}),
    z.object(shape),
  )
}

const gates = group({
  max_offset_ms: z.number().positive().catch(10),
  ntp_synced: flag(true),
  falseticker: flag(false),
  min_reach: count(8),
  contract: flag(true),
  max_log_errors: count(20),
  max_downtime: ms(5 * minute),
  promql: z.array(z.object({ name: z.string(), query: z.string(), success: z.string() })).catch([]),
  prometheus: url,
  deadlines: group({
    container: ms(2 * minute),
    http: ms(3 * minute),
    contract: ms(3 * minute),
    gps: ms(20 * minute),
    pps: ms(20 * minute),
    synced: ms(30 * minute),
    offset: ms(30 * minute),
    truechimer: ms(30 * minute),
    logs: ms(30 * minute),
    queries: ms(30 * minute),
  }),
})

export const storedSettings: z.ZodType<RolloutSettings> = group({
  canary: group({
    count: count(1),
    per: z.enum(['role', 'site', 'fleet']).catch('role'),
    soak: ms(10 * minute),
    promote: z.enum(['auto', 'manual']).catch('auto'),
  }),
  waves: z.array(countOrShare).min(1).catch([1, '5%', '25%', '100%']),
  max_parallel: countOrShare.catch(10),
  stagger: ms(0),
  min_healthy_time: ms(5 * minute),
  healthy_deadline: ms(30 * minute),
  progress_deadline: ms(45 * minute),
  confirm_timeout: ms(2 * minute),
  interval: ms(15 * second),
  abort: group({
    failed_percent: count(10),
    min_executed: count(5),
    failed_total: count(1),
    lost_total: count(2),
  }),
  unreachable_before: z.enum(['skip', 'wait', 'fail']).catch('skip'),
  on_abort: z.enum(['pause', 'rollback_wave', 'rollback_all']).catch('rollback_wave'),
  quorum: group({
    min_good: z.int().min(0).optional().catch(undefined),
    per: z.enum(['group', 'site', 'fleet']).catch('group'),
    sets: z.record(z.string(), z.array(z.string())).catch({}),
  }),
  diversity: group({ keep_previous: count(0), for: ms(7 * day) }),
  veto_timeout: ms(30 * minute),
  alertmanager: url,
  shadow: ms(0),
  gates,
  freeze: group({
    leap_before: ms(day),
    leap_after: ms(6 * hour),
    windows: z.array(z.string()).catch([]),
  }),
})
