/**
 * For each alert, series that are good, then bad, then good again, in the guide's fleet: from them
 * promtool's unit tests are made. Hand-written, because a test made from the rule would agree with it.
 */
import type { AlertName } from '../alert-names.ts'

/**
 * `now`: the time of the sample. `frozen`: the time at which the phase began. `growing`: one more
 * with each sample.
 */
export type Point = number | 'now' | 'frozen' | 'growing' | 'absent'

/** The watchdog is always there. */
export type TestedAlert = Exclude<AlertName, 'Watchdog'>

export interface AlertCase {
  /** Series -> what it is while all is good, and while it is not. */
  readonly series: Readonly<Record<string, readonly [good: Point, bad: Point]>>
  /** Of the alert that is expected, besides `severity` and `fleet`. */
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  /** How long all is good at first; 10 when left out. */
  readonly warmUpMinutes?: number
  /** How long it takes until the condition holds; 0 when left out. */
  readonly lagMinutes?: number
  /** How long it takes until it no longer does; 40 when left out. */
  readonly overMinutes?: number
}

export const gps01 = {
  job: 'mcp-time-servers',
  role: 'stratum1',
  device: 'pi-gps-01',
  instance: 'pi-gps-01:9090',
}
const gps02 = { ...gps01, device: 'pi-gps-02', instance: 'pi-gps-02:9090' }
const ntp01 = { ...gps01, role: 'stratum2', device: 'pi-ntp-01', instance: 'pi-ntp-01:9090' }
const ntp02 = { ...ntp01, device: 'pi-ntp-02', instance: 'pi-ntp-02:9090' }
export const controller = { job: 'timeball', instance: 'controller' }
export const prometheus = { job: 'prometheus', instance: '127.0.0.1:9090' }
export const alertmanager = { job: 'alertmanager', instance: '127.0.0.1:9093' }
export const measured = { ...controller, device: 'pi-ntp-01', server: 'pi-ntp-01' }

/** A series with its labels, as promtool has it. */
export function of(labels: Readonly<Record<string, string>>, name: string): string {
  const all = Object.entries({ fleet: 'fleet', ...labels })
  return `${name}{${all.map(([key, value]) => `${key}="${value}"`).join(',')}}`
}

/** A case of one series of pi-gps-01. */
function onGps01(
  series: string,
  [good, bad]: readonly [Point, Point],
  rest: Pick<AlertCase, 'summary' | 'warmUpMinutes' | 'lagMinutes' | 'overMinutes'>,
): AlertCase {
  return { series: { [of(gps01, series)]: [good, bad] }, labels: gps01, ...rest }
}

/** A case of one series of the controller. */
function atController(
  labels: Readonly<Record<string, string>>,
  series: Readonly<Record<string, readonly [Point, Point]>>,
  rest: Pick<AlertCase, 'summary' | 'warmUpMinutes' | 'lagMinutes' | 'overMinutes'>,
): AlertCase {
  const all = { ...controller, ...labels }
  const named = Object.entries(series).map(([name, points]) => [of(all, name), points] as const)
  return { series: Object.fromEntries(named), labels: all, ...rest }
}

export const rolloutState = (state: string): string =>
  of({ ...controller, state }, 'timeball_rollout_state')
export const lastProgress = of(controller, 'timeball_rollout_last_progress_timestamp_seconds')

export const alertCases: Readonly<Record<TestedAlert, AlertCase>> = {
  ServiceDown: onGps01('up', [1, 0], { summary: 'pi-gps-01 is down' }),
  TargetsMissing: {
    series: {
      [of(gps01, 'up')]: [1, 1],
      [of(gps02, 'up')]: [1, 'absent'],
      [of(ntp01, 'up')]: [1, 1],
      [of(ntp02, 'up')]: [0, 'absent'],
    },
    labels: {},
    summary: 'Only 2 devices are watched',
  },
  MetricMissing: {
    series: {
      [of(gps01, 'up')]: [1, 1],
      [of(gps01, 'ntp_synced')]: [1, 1],
      [of(gps01, 'disk_usage_percent')]: [25, 25],
      [of(gps01, 'ntp_offset_ms')]: [0.1, 'absent'],
      [of(gps01, 'ntp_stratum')]: [1, 1],
      [of(gps01, 'ntp_root_dispersion_ms')]: [1, 1],
      [of(gps01, 'leap_file_expiry_seconds')]: [9e6, 9e6],
      [of(gps01, 'gps_up')]: [1, 1],
      [of(controller, 'up')]: [1, 1],
      [of(controller, 'timeball_clock_decided')]: [1, 1],
      [of({ ...controller, set: 'stratum1' }, 'timeball_quorum_good')]: [2, 2],
    },
    labels: { ...gps01, metric: 'ntp_offset_ms' },
    summary: 'ntp_offset_ms of pi-gps-01 is missing',
  },
  NTPNotSynced: onGps01('ntp_synced', [1, 0], { summary: 'pi-gps-01 is not synchronised' }),
  HighOffset: onGps01('ntp_offset_ms', [100, -150.25], {
    summary: 'pi-gps-01 is 150.2 ms off its source',
  }),
  DiskSpaceHigh: onGps01('disk_usage_percent', [80, 81], {
    summary: 'The disk of pi-gps-01 is 81 % full',
  }),
  StratumChanged: onGps01('ntp_stratum', [1, 3], {
    summary: 'pi-gps-01 has stratum 3 now',
    warmUpMinutes: 60,
  }),
  RootDistanceHigh: {
    series: {
      [of(gps01, 'ntp_root_delay_ms')]: [100, 100],
      [of(gps01, 'ntp_root_dispersion_ms')]: [50, 51],
    },
    labels: gps01,
    summary: 'pi-gps-01 may be 101 ms wrong',
  },
  FrequencyStep: onGps01('ntp_frequency_ppm', [-12, -4], {
    summary: "pi-gps-01's clock runs 8.0 ppm differently within an hour",
    warmUpMinutes: 90,
    lagMinutes: 12,
    overMinutes: 90,
  }),
  FrequencyNearLimit: onGps01('ntp_frequency_ppm', [-400, -420], {
    summary: "pi-gps-01's clock needs a correction of 420 ppm",
  }),
  ClockNotDisciplined: onGps01('time_server_clock_disciplined', [1, 0], {
    summary: 'Nothing steers the clock of pi-gps-01',
  }),
  NTPContradiction: {
    series: {
      [of({ ...gps01, kind: 'offset' }, 'ntp_contradiction')]: [0, 1],
      [of({ ...gps01, kind: 'refid' }, 'ntp_contradiction')]: [0, 0],
    },
    labels: { ...gps01, kind: 'offset' },
    summary: 'ntpd of pi-gps-01 contradicts itself about offset',
  },
  TemperatureHigh: onGps01('temperature_celsius', [70, 71.4], {
    summary: 'pi-gps-01 is at 71 °C',
  }),
  UnderVoltage: {
    series: {
      [of({ ...gps01, kind: 'under_voltage', when: 'now' }, 'board_throttled')]: [0, 1],
      [of({ ...ntp01, kind: 'under_voltage', when: 'since_boot' }, 'board_throttled')]: [1, 1],
    },
    labels: { ...gps01, kind: 'under_voltage', when: 'now' },
    summary: 'pi-gps-01 has too little voltage',
  },
  GpsFixLost: {
    series: {
      [of(gps01, 'gps_up')]: [1, 1],
      [of(gps01, 'gps_mode')]: [3, 'absent'],
      [of(gps01, 'gps_fix_age_seconds')]: [1, 75],
    },
    labels: gps01,
    summary: 'The receiver of pi-gps-01 has no good fix',
  },
  PpsLost: {
    series: {
      [of(gps01, 'up')]: [1, 1],
      [of(gps01, 'pps_present')]: [1, 1],
      [of(gps01, 'pps_assert_timestamp_seconds')]: ['now', 'frozen'],
    },
    labels: gps01,
    summary: 'pi-gps-01 gets no pulses',
    lagMinutes: 1,
  },
  HoldoverTooLong: {
    series: {
      [of(gps01, 'gps_fix_age_seconds')]: [3600, 3700],
      [of(gps01, 'ntp_stratum')]: [1, 1],
      [of(gps02, 'gps_fix_age_seconds')]: [3700, 3700],
      [of(gps02, 'ntp_stratum')]: [2, 2],
    },
    labels: gps01,
    summary: 'pi-gps-01 serves as stratum 1 without a fix for 1h 1m 40s',
  },
  LeapSecondNear: onGps01('ntp_leap', [0, 1], {
    summary: 'pi-gps-01 announces a leap second',
  }),
  LeapFileExpiring: onGps01('leap_file_expiry_seconds', [2_419_200, 86_400], {
    summary: "pi-gps-01's list of leap seconds has 1d 0h 0m 0s left",
  }),
  ControllerDown: atController(
    {},
    { timeball_controller_last_sweep_timestamp_seconds: ['now', 'frozen'] },
    { summary: 'The controller measures no clocks', lagMinutes: 6 },
  ),
  NTPUnreachable: atController(
    { ...measured, verdict: 'unreachable' },
    { timeball_clock_verdict: [0, 1] },
    { summary: 'pi-ntp-01 does not answer NTP' },
  ),
  Falseticker: atController(
    measured,
    { timeball_clock_falseticker: [0, 1] },
    { summary: 'pi-ntp-01 serves wrong time' },
  ),
  NoMajority: atController(
    {},
    { timeball_clock_decided: [1, 0] },
    { summary: 'Nobody can tell which clocks are right' },
  ),
  ClockOffsetHigh: atController(
    measured,
    // 12 ms with an error of 3 ms is not more than 10 ms for sure.
    {
      timeball_clock_offset_seconds: [-0.012, -0.15],
      timeball_clock_error_seconds: [0.003, 0.003],
    },
    { summary: 'pi-ntp-01 is at least 147ms off' },
  ),
  QuorumAtRisk: atController(
    { set: 'stratum1' },
    { timeball_quorum_good: [3, 2], timeball_quorum_min: [2, 2] },
    { summary: 'stratum1 has no good server to spare: 2 left' },
  ),
  QuorumLost: atController(
    { set: 'stratum1' },
    { timeball_quorum_good: [2, 1], timeball_quorum_min: [2, 2] },
    { summary: 'stratum1 has lost its quorum: 1 good left' },
  ),
  MostDevicesLost: {
    series: {
      [of(gps01, 'up')]: [0, 0],
      [of(gps02, 'up')]: [1, 1],
      [of(gps02, 'ntp_synced')]: [0, 0],
      [of(ntp01, 'up')]: [1, 0],
      [of(ntp02, 'up')]: [1, 1],
      [of(ntp02, 'ntp_synced')]: [1, 1],
    },
    labels: {},
    summary: '3 devices give no time',
  },
  ClockSloBurnFast: atController(
    measured,
    {
      timeball_clock_offset_seconds: [0.001, 0.01],
      timeball_clock_error_seconds: [0.0005, 0.0005],
    },
    {
      summary: 'pi-ntp-01 misses its objective fast: 7.083% of the last hour',
      warmUpMinutes: 90,
    },
  ),
  ClockSloBurnSlow: atController(
    measured,
    {
      timeball_clock_offset_seconds: [0.001, 0.01],
      timeball_clock_error_seconds: [0.0005, 0.0005],
    },
    {
      summary: 'pi-ntp-01 misses its objective: 5.347% of six hours',
      warmUpMinutes: 400,
      lagMinutes: 2,
    },
  ),
  VersionDrift: atController(
    { device: 'pi-ntp-01' },
    { timeball_version_drift: [0, 1] },
    { summary: 'pi-ntp-01 runs another release than it should' },
  ),
  ConfigurationDrift: atController(
    { device: 'pi-ntp-01' },
    { timeball_device_drifted: [0, 1] },
    { summary: 'pi-ntp-01 differs from its desired state' },
  ),
  KeyTooOld: atController(
    { device: 'pi-ntp-01' },
    { timeball_key_set_timestamp_seconds: ['now', -16_000_000] },
    { summary: 'The key of pi-ntp-01 is 185d 4h 48m 40s old' },
  ),
  BackupTooOld: atController(
    { device: 'pi-ntp-01' },
    { timeball_backup_last_good_timestamp_seconds: ['now', -200_000] },
    { summary: 'The last good backup of pi-ntp-01 is 2d 7h 55m 20s old' },
  ),
  DrillTooOld: atController(
    { device: 'pi-ntp-01' },
    { timeball_backup_last_drill_timestamp_seconds: ['now', -4_000_000] },
    { summary: 'A restore of pi-ntp-01 was last rehearsed 46d 7h 28m 40s ago' },
  ),
  ScheduleFailed: atController(
    { schedule: 'backup' },
    { timeball_schedule_failed: [0, 1] },
    { summary: 'The schedule backup failed' },
  ),
  RolloutStuck: {
    series: {
      [rolloutState('running')]: [1, 1],
      [rolloutState('needs_attention')]: [0, 0],
      [lastProgress]: ['now', 'frozen'],
    },
    labels: controller,
    summary: 'The rollout makes no progress',
    lagMinutes: 46,
  },
  RolloutRolledBack: {
    series: {
      [rolloutState('rolled_back')]: [0, 1],
      [rolloutState('done')]: [1, 0],
      [lastProgress]: ['now', 'frozen'],
    },
    labels: { ...controller, state: 'rolled_back' },
    summary: 'A rollout was rolled back',
  },
  RolloutAborted: {
    series: {
      [rolloutState('aborted')]: [0, 1],
      [rolloutState('running')]: [1, 0],
      [lastProgress]: ['now', 'frozen'],
    },
    labels: { ...controller, state: 'aborted' },
    summary: 'A rollout was aborted',
  },
  WaitingForYou: {
    series: { [of({ ...controller, kind: 'promotion' }, 'timeball_controller_waiting')]: [0, 1] },
    labels: { ...controller, kind: 'promotion' },
    summary: 'Something waits for a person: promotion',
  },
  AlertmanagerDown: {
    series: { [of(alertmanager, 'up')]: [1, 0] },
    labels: alertmanager,
    summary: 'Alertmanager is down',
  },
  NotificationsFailing: {
    series: {
      [of({ ...alertmanager, integration: 'slack' }, 'alertmanager_notifications_failed_total')]: [
        7,
        'growing',
      ],
    },
    labels: { ...alertmanager, integration: 'slack' },
    summary: 'Alerts do not reach slack',
    lagMinutes: 2,
  },
  RulesFailing: {
    series: {
      [of({ ...prometheus, rule_group: 'a' }, 'prometheus_rule_evaluation_failures_total')]: [
        0,
        'growing',
      ],
    },
    labels: { ...prometheus, rule_group: 'a' },
    summary: 'Prometheus cannot evaluate its rules',
    lagMinutes: 2,
  },
  MonitoringConfigRefused: {
    series: {
      [of(prometheus, 'prometheus_config_last_reload_successful')]: [1, 0],
      [of(alertmanager, 'alertmanager_config_last_reload_successful')]: [1, 1],
    },
    labels: prometheus,
    summary: 'The prometheus of the fleet refuses its configuration',
  },
  UpstreamsLost: {
    series: {
      // One of the two is away all the time: the other one still gives time.
      [of(gps01, 'up')]: [0, 0],
      [of(gps02, 'up')]: [1, 1],
      [of(gps02, 'ntp_synced')]: [1, 0],
      [of(ntp01, 'up')]: [1, 1],
    },
    labels: ntp01,
    summary: 'All servers that pi-ntp-01 follows are lost',
  },
}
