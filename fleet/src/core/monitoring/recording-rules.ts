/** Series that several alerts and dashboards share. */
import { controllerJob, devicesJob, type RuleContext } from './alerts/alert.ts'

export interface RecordingRule {
  readonly record: string
  readonly expr: string
}

const minute = 60_000
const hour = 60 * minute

export function recordingRules({ fleet, scale }: RuleContext): RecordingRule[] {
  const frequency = `timeball:frequency_ppm[${scale.window(hour)}]`
  const withinSeconds = fleet.settings.clock.slo.within_ms / 1000
  return [
    { record: 'timeball:root_distance_ms', expr: 'ntp_root_delay_ms / 2 + ntp_root_dispersion_ms' },
    {
      // Smoothed: ntpd that has just started says 0 until it has read what it knew.
      record: 'timeball:frequency_ppm',
      expr: `avg_over_time(ntp_frequency_ppm[${scale.window(10 * minute)}])`,
    },
    {
      record: 'timeball:frequency_range_ppm',
      expr: `max_over_time(${frequency}) - min_over_time(${frequency})`,
    },
    {
      // Whether it gives no time: nothing answers, or it is not in step.
      record: 'timeball:device_lost',
      expr: `1 - min by (fleet, site, role, device) ({__name__=~"up|ntp_synced",job="${devicesJob}"})`,
    },
    {
      // How far off it is at least: the whole error of the measurement is in its favour.
      record: 'timeball:clock_offset_sure_seconds',
      expr: 'clamp_min(abs(timeball_clock_offset_seconds) - timeball_clock_error_seconds, 0)',
    },
    {
      // Whether it misses the objective: gives no time, or is off for sure. Else it is not accused.
      record: 'timeball:clock_missed',
      expr: [
        `(timeball:clock_offset_sure_seconds > bool ${withinSeconds})`,
        'or on (fleet, server)',
        'max by (fleet, site, job, instance, server, device) (',
        `timeball_clock_verdict{job="${controllerJob}",verdict=~"unreachable|unsynchronised|invalid"}`,
        ')',
      ].join(' '),
    },
  ]
}
