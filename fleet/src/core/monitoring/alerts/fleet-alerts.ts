/** Alerts about the fleet as a whole: its quorum, its releases, its keeping, and the watch itself. */
import type { AlertName } from '../alert-names.ts'
import { upstreamSets } from '../upstreams.ts'
import {
  controllerJob,
  devicesJob,
  devicesMatcher,
  fromController,
  type Alert,
  type RuleContext,
} from './alert.ts'
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
    expr: (context) =>
      fromController(
        context,
        'timeball_quorum_good == timeball_quorum_min and timeball_quorum_min > 0',
      ),
    summary: '{{ $labels.set }} has no good server to spare: {{ $value }} left',
    description: 'If one more fails, its clients have fewer than the quorum. Updates wait.',
  },
  QuorumLost: {
    severity: 'critical',
    forMs: minute,
    expr: (context) => fromController(context, 'timeball_quorum_good < timeball_quorum_min'),
    summary: '{{ $labels.set }} has lost its quorum: {{ $value }} good left',
    description:
      'Clients of {{ $labels.set }} have fewer good servers than they need to tell right from wrong.',
  },
  MostDevicesLost: {
    severity: 'critical',
    forMs: 2 * minute,
    // Needs no controller: it is what the devices say themselves, or do not.
    expr: ({ fleet }) => `count(timeball:device_lost == 1) > ${fleet.devices.length / 2}`,
    summary: '{{ $value }} devices give no time',
    description: 'More than half of the fleet does not answer, or is not synchronised.',
  },
  VersionDrift: {
    severity: 'warning',
    forMs: ({ thresholds }) => thresholds.version_drift,
    // A rollout makes the versions differ for as long as it takes.
    expr: (context) =>
      fromController(
        context,
        'timeball_version_drift == 1 unless on (fleet) (timeball_rollout_state{state=~"running|paused|rolling_back"} == 1)',
      ),
    summary: '{{ $labels.device }} runs another release than it should',
    description: 'No rollout is on its way to change that.',
  },
  ConfigurationDrift: {
    severity: 'warning',
    forMs: ({ thresholds }) => thresholds.configuration_drift,
    expr: (context) => fromController(context, 'timeball_device_drifted == 1'),
    summary: '{{ $labels.device }} differs from its desired state',
    description: 'Somebody changed {{ $labels.device }}, or the fleet was changed and not applied.',
  },
  KeyTooOld: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: (context) => {
      const seconds = context.fleet.settings.monitoring.thresholds.key_age / 1000
      return fromController(context, `time() - timeball_key_set_timestamp_seconds > ${seconds}`)
    },
    summary: 'The key of {{ $labels.device }} is {{ $value | humanizeDuration }} old',
    description:
      'Whoever once had the key of {{ $labels.device }} can still use it: a client that left, a log, a backup.',
  },
  BackupTooOld: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: (context) => {
      const seconds = context.fleet.settings.monitoring.thresholds.backup_age / 1000
      const last = 'timeball_backup_last_good_timestamp_seconds'
      return fromController(context, `time() - ${last} > ${seconds}`)
    },
    summary: 'The last good backup of {{ $labels.device }} is {{ $value | humanizeDuration }} old',
    description:
      'If {{ $labels.device }} dies now, what changed since then is lost; decades mean that it has no backup at all.',
  },
  DrillTooOld: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: (context) => {
      const seconds = context.fleet.settings.monitoring.thresholds.drill_age / 1000
      const last = 'timeball_backup_last_drill_timestamp_seconds'
      return fromController(context, `time() - ${last} > ${seconds}`)
    },
    summary:
      'A restore of {{ $labels.device }} was last rehearsed {{ $value | humanizeDuration }} ago',
    description: 'Nobody knows whether the backup of {{ $labels.device }} can be restored.',
  },
  ScheduleFailed: {
    severity: 'warning',
    forMs: 0,
    expr: (context) => fromController(context, 'timeball_schedule_failed == 1'),
    summary: 'The schedule {{ $labels.schedule }} failed',
    description: 'It stays so until a run of it is good: timeball schedules list says what it met.',
  },
  RolloutStuck: {
    severity: 'warning',
    forMs: minute,
    expr: (context) => {
      const { fleet, scale } = context
      const seconds = scale.seconds(fleet.settings.rollout.progress_deadline)
      const stuck = `time() - timeball_rollout_last_progress_timestamp_seconds > ${seconds} and on (fleet) timeball_rollout_state{state="running"} == 1`
      const asks = 'timeball_rollout_state{state="needs_attention"} == 1'
      return fromController(context, `(${stuck}) or on (fleet) (${asks})`)
    },
    summary: 'The rollout makes no progress',
    description:
      'It waits for a device, or for somebody to decide. Part of the fleet runs the new release.',
  },
  RolloutRolledBack: {
    severity: 'warning',
    forMs: 0,
    expr: (context) => endedLately(context, 'rolling_back|rolled_back'),
    summary: 'A rollout was rolled back',
    description:
      'timeball rollout status says why, and whether the release is blocked until somebody looks.',
  },
  RolloutAborted: {
    severity: 'warning',
    forMs: 0,
    expr: (context) => endedLately(context, 'aborted'),
    summary: 'A rollout was aborted',
    description: 'Part of the fleet may run the new release, and part of it the old one.',
  },
  WaitingForYou: {
    severity: 'warning',
    forMs: 15 * minute,
    expr: (context) => fromController(context, 'timeball_controller_waiting > 0'),
    summary: 'Something waits for a person: {{ $labels.kind }}',
    description:
      'The controller goes on with all that it may; timeball status lists what it may not, and the command that answers it.',
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
} as const satisfies Partial<Record<AlertName, Alert>>

/** The newest rollout stays the newest: after a day its end has been told. */
function endedLately(context: RuleContext, states: string): string | null {
  const age = 'time() - timeball_rollout_last_progress_timestamp_seconds'
  const isLate = `${age} < ${context.scale.seconds(day)}`
  const state = `timeball_rollout_state{state=~"${states}"} == 1`
  return fromController(context, `${state} and on (fleet) (${isLate})`)
}
