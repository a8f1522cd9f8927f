/** What `GET /metrics` says of schedules. What is not known is absent. */
import { formatGauge, type GaugeSample } from '@timeball/lib/exposition.ts'
import type { ScheduleSeen } from '../schedules/seen.ts'

export function scheduleMetrics(schedules: readonly ScheduleSeen[]): string[] {
  const each = (value: (seen: ScheduleSeen) => number | null): GaugeSample[] =>
    schedules.map((seen) => [{ schedule: seen.name }, value(seen)])
  return [
    formatGauge(
      'timeball_schedule_failed',
      'Whether the last run of the schedule failed; absent before the first.',
      each(({ memory: { last } }) => (last === null ? null : Number(last.outcome === 'failed'))),
    ),
    formatGauge(
      'timeball_schedule_last_good_timestamp_seconds',
      'When the schedule last ended well.',
      each(({ memory }) => seconds(memory.good_unix_ms)),
    ),
    formatGauge(
      'timeball_schedule_next_timestamp_seconds',
      'When the schedule runs next.',
      each(({ nextUnixMs }) => seconds(nextUnixMs)),
    ),
  ]
}

function seconds(unixMs: number | null): number | null {
  return unixMs === null ? null : unixMs / 1000
}
