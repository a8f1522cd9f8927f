/**
 * Names of all alerts, as fleet.yaml and the runbooks have them. Each has a row in the table of
 * alerts, a runbook, and a unit test.
 */
export const alertNames = [
  'ServiceDown',
  'TargetsMissing',
  'MetricMissing',
  'NTPNotSynced',
  'HighOffset',
  'DiskSpaceHigh',
  'StratumChanged',
  'RootDistanceHigh',
  'FrequencyStep',
  'FrequencyNearLimit',
  'ClockNotDisciplined',
  'NTPContradiction',
  'TemperatureHigh',
  'UnderVoltage',
  'GpsFixLost',
  'PpsLost',
  'HoldoverTooLong',
  'LeapSecondNear',
  'LeapFileExpiring',
  'ControllerDown',
  'NTPUnreachable',
  'Falseticker',
  'NoMajority',
  'ClockOffsetHigh',
  'QuorumAtRisk',
  'QuorumLost',
  'MostDevicesLost',
  'ClockSloBurnFast',
  'ClockSloBurnSlow',
  'VersionDrift',
  'ConfigurationDrift',
  'KeyTooOld',
  'BackupTooOld',
  'DrillTooOld',
  'ScheduleFailed',
  'RolloutStuck',
  'RolloutRolledBack',
  'RolloutAborted',
  'WaitingForYou',
  'AlertmanagerDown',
  'NotificationsFailing',
  'RulesFailing',
  'MonitoringConfigRefused',
  'UpstreamsLost',
  'Watchdog',
] as const

export type AlertName = (typeof alertNames)[number]

/** Alerts that the fleet guide has, too. */
const guideNames: ReadonlySet<AlertName> = new Set([
  'ServiceDown',
  'NTPNotSynced',
  'HighOffset',
  'DiskSpaceHigh',
])

export interface Naming {
  readonly alert_prefix: string
  readonly guide_alert_names: boolean
}

/** What Prometheus and Alertmanager call it: other rules beside these may have the same plain name. */
export function publicName(name: AlertName, { alert_prefix, guide_alert_names }: Naming): string {
  return guide_alert_names && guideNames.has(name) ? name : `${alert_prefix}${name}`
}
