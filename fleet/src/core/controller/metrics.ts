/** What `GET /metrics` of the controller says. What is not known is absent. */
import { formatClockMetrics } from '../clock/metrics.ts'
import { formatGauge, type GaugeSample } from '@timeball/lib/exposition.ts'
import { rolloutMetrics } from './rollout-metrics.ts'
import { scheduleMetrics } from './schedule-metrics.ts'
import type { ControllerView, DeviceCheck } from './view.ts'

/** Ends with a newline. The same view gives the same text. */
export function formatControllerMetrics(view: ControllerView): string {
  const { clocks } = view
  return [
    formatGauge('timeball_controller_info', 'Which release this is.', [
      [{ version: view.version }, 1],
    ]),
    formatGauge(
      'timeball_controller_fleet_stale',
      "Whether the fleet's files have mistakes, so that their last good content is used.",
      [[{}, Number(view.isFleetStale)]],
    ),
    formatGauge('timeball_controller_devices', 'Devices in the inventory.', [
      [{}, view.fleet.devices.length],
    ]),
    formatGauge(
      'timeball_controller_last_sweep_timestamp_seconds',
      'When the newest sweep began.',
      clocks === null ? [] : [[{}, clocks.startedUnixMs / 1000]],
    ),
    formatGauge(
      'timeball_controller_sweep_duration_seconds',
      'How long the newest sweep took.',
      clocks === null ? [] : [[{}, clocks.tookSeconds]],
    ),
    ...quorumMetrics(view),
    ...deviceMetrics([...view.devices.values()]),
    formatGauge(
      'timeball_key_set_timestamp_seconds',
      'When the key of the device was made, as the store of secrets says.',
      [...view.keys].map(([device, ms]): GaugeSample => [{ device }, ms / 1000]),
    ),
    formatGauge(
      'timeball_backup_last_good_timestamp_seconds',
      'When the last good backup of the device was taken; 0: there is none.',
      [...view.backups.good].map(([device, ms]): GaugeSample => [{ device }, ms / 1000]),
    ),
    formatGauge(
      'timeball_backup_last_drill_timestamp_seconds',
      'When a restore of the device was last rehearsed with success; 0: never.',
      [...view.backups.drilled].map(([device, ms]): GaugeSample => [{ device }, ms / 1000]),
    ),
    ...rolloutMetrics(view.rollouts),
    ...scheduleMetrics(view.schedules),
    clocks === null ? '' : formatClockMetrics(clocks.rows, clocks.time),
  ].join('')
}

function quorumMetrics({ clocks }: ControllerView): string[] {
  if (clocks === null) return []
  return [
    formatGauge(
      'timeball_quorum_good',
      'Servers of the set that give good time now.',
      clocks.quorum.map(({ name, good }): GaugeSample => [{ set: name }, good]),
    ),
    formatGauge(
      'timeball_quorum_min',
      'How many of the set have to give good time.',
      clocks.quorum.map(({ name, minGood }): GaugeSample => [{ set: name }, minGood]),
    ),
  ]
}

function deviceMetrics(checks: readonly DeviceCheck[]): string[] {
  const each = (value: (check: DeviceCheck) => number | null): GaugeSample[] =>
    checks.map((check) => [{ device: check.device }, value(check)])
  return [
    formatGauge(
      'timeball_device_reachable',
      'Whether the newest check of the device got an answer.',
      each(({ isReachable }) => Number(isReachable)),
    ),
    formatGauge(
      'timeball_device_drifted',
      'Whether the device differs from its desired state.',
      each(({ drift }) => (drift === null ? null : Number(drift.length > 0))),
    ),
    formatGauge(
      'timeball_version_drift',
      'Whether the device runs another image than the fleet wants.',
      each(({ isOutdated }) => (isOutdated === null ? null : Number(isOutdated))),
    ),
    formatGauge(
      'timeball_device_image_info',
      'What the container of the device runs.',
      checks.flatMap(({ device, image }) => (image === null ? [] : [[{ device, image }, 1]])),
    ),
  ]
}
