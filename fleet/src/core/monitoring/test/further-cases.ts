/** The same as `alertCases` for alerts that more than one thing leads to. */
import {
  of,
  gps01,
  controller,
  prometheus,
  alertmanager,
  measured,
  rolloutState,
  lastProgress,
  type AlertCase,
  type TestedAlert,
} from './alert-cases.ts'

/** Other ways to the same alerts. */
export const furtherCases: readonly (AlertCase & {
  readonly alert: TestedAlert
  readonly way: string
})[] = [
  {
    alert: 'ControllerDown',
    way: 'its series are gone',
    series: {
      [of(controller, 'timeball_controller_last_sweep_timestamp_seconds')]: ['now', 'absent'],
    },
    labels: { job: 'timeball' },
    summary: 'The controller measures no clocks',
    lagMinutes: 1,
  },
  {
    alert: 'AlertmanagerDown',
    way: 'it is not scraped',
    series: { [of(alertmanager, 'up')]: [1, 'absent'] },
    labels: { job: 'alertmanager' },
    summary: 'Alertmanager is down',
    lagMinutes: 1,
  },
  {
    alert: 'NotificationsFailing',
    way: 'Prometheus drops them',
    series: { [of(prometheus, 'prometheus_notifications_dropped_total')]: [0, 'growing'] },
    labels: prometheus,
    summary: 'Alerts do not reach Alertmanager',
    lagMinutes: 2,
  },
  {
    alert: 'MetricMissing',
    way: 'of the controller',
    series: {
      [of(controller, 'up')]: [1, 1],
      [of(controller, 'timeball_clock_decided')]: [1, 1],
      [of({ ...controller, set: 'stratum1' }, 'timeball_quorum_good')]: [2, 'absent'],
    },
    labels: { ...controller, metric: 'timeball_quorum_good' },
    summary: 'timeball_quorum_good of the controller is missing',
  },
  {
    alert: 'GpsFixLost',
    way: 'the fix is simulated, or dead reckoning',
    series: {
      [of(gps01, 'gps_up')]: [1, 1],
      [of(gps01, 'gps_mode')]: [3, 3],
      [of(gps01, 'gps_fix')]: [1, 0],
    },
    labels: gps01,
    summary: 'The receiver of pi-gps-01 has no good fix',
  },
  {
    alert: 'GpsFixLost',
    way: 'gpsd does not answer',
    series: { [of(gps01, 'gps_up')]: [1, 0], [of(gps01, 'gps_mode')]: [3, 'absent'] },
    labels: gps01,
    summary: 'The receiver of pi-gps-01 has no good fix',
  },
  {
    alert: 'PpsLost',
    way: 'the kernel shows no source of pulses',
    series: {
      [of(gps01, 'up')]: [1, 1],
      [of(gps01, 'pps_present')]: [1, 'absent'],
      [of(gps01, 'pps_assert_timestamp_seconds')]: ['now', 'absent'],
    },
    labels: gps01,
    summary: 'pi-gps-01 gets no pulses',
  },
  {
    alert: 'RolloutStuck',
    way: 'it asks for somebody',
    series: {
      [rolloutState('running')]: [1, 0],
      [rolloutState('needs_attention')]: [0, 1],
      [lastProgress]: ['now', 'now'],
    },
    labels: { ...controller, state: 'needs_attention' },
    summary: 'The rollout makes no progress',
  },
  {
    alert: 'ClockSloBurnFast',
    way: 'it gives no time at all',
    series: {
      [of({ ...measured, verdict: 'unreachable' }, 'timeball_clock_verdict')]: [0, 1],
      [of(measured, 'timeball_clock_offset_seconds')]: [0.0001, 'absent'],
      [of(measured, 'timeball_clock_error_seconds')]: [0.0002, 'absent'],
    },
    labels: measured,
    summary: 'pi-ntp-01 misses its objective fast: 7.083% of the last hour',
    warmUpMinutes: 90,
  },
]
