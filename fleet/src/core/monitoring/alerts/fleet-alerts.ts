/** Alerts about the fleet as a whole: its quorum, its releases, its keeping, and the watch itself. */
import type { AlertName } from '../alert-names.ts'
import { upstreamSets } from '../upstreams.ts'
import { controllerJob, devicesJob, devicesMatcher, type Alert } from './alert.ts'
import { missingMetrics } from './missing-metrics.ts'

const minute = 60_000
const day = 24 * 60 * minute

export const fleetAlerts = {
  TargetsMissing: {
    severity: 'critical',
    forMs: 5 * minute,
    expr: ({ fleet }) => `(count(up{job="${devicesJob}"}) or vector(0)) < ${fleet.devices.length}`,
    summary: 'Only {{ $value }} devices are watched',
    description:
      'Prometheus scrapes fewer devices than the inventory has: what is not scraped cannot alert.',
  },
  MetricMissing: {
    severity: 'warning',
    forMs: 5 * minute,
    expr: (context) => missingMetrics(context),
    summary:
      '{{ $labels.metric }} of {{ $labels.device }}{{ if not $labels.device }}the controller{{ end }} is missing',
    description: 'A rule that compares a missing metric is silent, so its absence is an alert.',
  },
  ControllerDown: {
    severity: 'critical',
    forMs: 2 * minute,
    expr: ({ fleet, scale }) => {
      if (fleet.settings.monitoring.controller === 'none') return null
      const last = 'timeball_controller_last_sweep_timestamp_seconds'
      const age = `time() - ${last} > ${scale.seconds(5 * minute)}`
      return `${age} or absent(${last}{job="${controllerJob}"})`
    },
    summary: 'The controller measures no clocks',
    description:
      'timeball serve is down or stuck: false clocks are not found, and nothing is rolled out.',
  },
  QuorumAtRisk: {
    severity: 'warning',
    forMs: 5 * minute,
    expr: () => 'timeball_quorum_good == timeball_quorum_min and timeball_quorum_min > 0',
    summary: '{{ $labels.set }} has just {{ $value }} good servers left',
    description: 'If one more fails, its clients have fewer than the quorum. Updates wait.',
  },
  QuorumLost: {
    severity: 'critical',
    forMs: minute,
    expr: () => 'timeball_quorum_good < timeball_quorum_min',
    summary: '{{ $labels.set }} has lost its quorum: {{ $value }} good servers',
    description:
      'Clients of {{ $labels.set }} have fewer good servers than they need to tell right from wrong.',
  },
  VersionDrift: {
    severity: 'warning',
    forMs: ({ thresholds }) => thresholds.version_drift,
    // A rollout makes the versions differ for as long as it takes.
    expr: () =>
      'timeball_version_drift == 1 unless on (fleet) (timeball_rollout_state{state=~"running|paused|rolling_back"} == 1)',
    summary: '{{ $labels.device }} runs another release than it should',
    description: 'No rollout is on its way to change that.',
  },
  ConfigurationDrift: {
    severity: 'warning',
    forMs: ({ thresholds }) => thresholds.configuration_drift,
    expr: () => 'timeball_device_drifted == 1',
    summary: '{{ $labels.device }} differs from its desired state',
    description: 'Somebody changed {{ $labels.device }}, or the fleet was changed and not applied.',
  },
  RolloutStuck: {
    severity: 'warning',
    forMs: minute,
    expr: ({ fleet, scale }) => {
      const seconds = scale.seconds(fleet.settings.rollout.progress_deadline)
      const stuck = `time() - timeball_rollout_last_progress_timestamp_seconds > ${seconds} and on (fleet) timeball_rollout_state{state="running"} == 1`
      return `(${stuck}) or on (fleet) (timeball_rollout_state{state="needs_attention"} == 1)`
    },
    summary: 'The rollout makes no progress',
    description:
      'It waits for a device, or for somebody to decide. Part of the fleet runs the new release.',
  },
  RolloutRolledBack: {
    severity: 'warning',
    forMs: 0,
    // The newest rollout stays the newest: after a day this has been told.
    expr: ({ scale }) =>
      `timeball_rollout_state{state=~"rolling_back|rolled_back"} == 1 and on (fleet) (time() - timeball_rollout_last_progress_timestamp_seconds < ${scale.seconds(day)})`,
    summary: 'A rollout was rolled back',
    description: 'The release failed a gate. It is blocked until somebody looks at why.',
  },
  KeyTooOld: {
    severity: 'warning',
    forMs: 0,
    expr: ({ fleet }) =>
      `timeball_key_age_seconds > ${fleet.settings.monitoring.thresholds.key_age / 1000}`,
    summary: 'The key of {{ $labels.device }} is {{ humanizeDuration $value }} old',
    description: 'It is time to give {{ $labels.device }} another one.',
  },
  BackupTooOld: {
    severity: 'warning',
    forMs: 0,
    expr: ({ fleet }) =>
      `timeball_backup_age_seconds > ${fleet.settings.monitoring.thresholds.backup_age / 1000}`,
    summary: 'The newest backup of {{ $labels.device }} is {{ humanizeDuration $value }} old',
    description: 'If {{ $labels.device }} dies now, it comes back as it was then.',
  },
  BackupNotVerified: {
    severity: 'warning',
    forMs: 0,
    expr: () => 'timeball_backup_verified == 0',
    summary: 'The newest backup of {{ $labels.device }} failed its verification',
    description: 'It cannot be restored from.',
  },
  UpstreamsLost: {
    severity: 'none',
    forMs: 0,
    // Followers need a while to come back after their servers did.
    keepFiringMs: 15 * minute,
    expr: ({ fleet }) => {
      const sets = upstreamSets(fleet.devices).map(({ upstreams, followers }) => {
        const lost = `count(timeball:device_lost{${devicesMatcher(upstreams)}} == 1) == ${upstreams.length}`
        return `up{job="${devicesJob}",${devicesMatcher(followers)}} and on () (${lost})`
      })
      return sets.length === 0 ? null : sets.join('\nor ')
    },
    summary: 'All servers that {{ $labels.device }} follows are lost',
    description:
      'Tells nobody: it keeps back the alerts of {{ $labels.device }} that follow from that.',
  },
  Watchdog: {
    severity: 'none',
    forMs: 0,
    expr: () => 'vector(1)',
    summary: 'Prometheus and Alertmanager are alive',
    description:
      'Always there, and told to the receiver named watchdog alone: it is alarmed when this stops.',
  },
} as const satisfies Partial<Record<AlertName, Alert>>
