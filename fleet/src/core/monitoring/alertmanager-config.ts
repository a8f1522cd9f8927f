/** `alertmanager.yml`: who is told of what, when, and what is kept back. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertNames, publicName, type AlertName, type Naming } from './alert-names.ts'
import { inhibitRules, nameMatcher } from './inhibition.ts'
import { receiversOf, type Receiver } from './receivers.ts'
import type { Maintenance, MonitoringSettings } from './settings.ts'
import { timeScaleOf, type TimeScale } from './time-scale.ts'
import { yamlFile } from './yaml-file.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** `secretPath` turns a path of fleet.yaml into one that Alertmanager finds. */
export function alertmanagerText(
  fleet: MonitoredFleet,
  secretPath: (path: string) => string,
): string {
  const { monitoring } = fleet.settings
  const { receivers, maintenance } = monitoring
  const scale = timeScaleOf(monitoring)
  const { told, watchdog } = receiversOf(receivers, secretPath)
  const windows = maintenance.map((window, index) => timeInterval(window, index))
  return yamlFile({
    route: {
      receiver: 'nobody',
      group_by: ['alertname', 'fleet', 'site'],
      group_wait: scale.duration(30 * second),
      group_interval: scale.duration(5 * minute),
      repeat_interval: scale.duration(12 * hour),
      routes: [
        ...(watchdog === null ? [] : [watchdogRoute(watchdog, scale, monitoring)]),
        { receiver: 'nobody', matchers: ['severity="none"'] },
        ...told.flatMap((receiver) => routesOf(receiver, monitoring)),
      ],
    },
    ...(windows.length === 0 ? {} : { time_intervals: windows }),
    inhibit_rules: inhibitRules(monitoring),
    receivers: [
      { name: 'nobody' },
      ...told.map(({ name, config }) => ({ name, ...config })),
      ...(watchdog === null ? [] : [{ name: watchdog.name, ...watchdog.config }]),
    ],
  })
}

function watchdogRoute({ name }: Receiver, scale: TimeScale, naming: Naming): unknown {
  const often = { group_wait: scale.duration(second), repeat_interval: scale.duration(5 * minute) }
  const matchers = [nameMatcher([publicName('Watchdog', naming)])]
  return { receiver: name, matchers, ...often, group_interval: scale.duration(minute) }
}

/** Told even while maintenance goes on. */
const always: readonly AlertName[] = ['QuorumLost', 'MostDevicesLost']

/** Every receiver is told by itself: of what its severity is, or of what names it. */
function routesOf({ name, from }: Receiver, monitoring: MonitoringSettings): unknown[] {
  const directed = alertNames.filter((alert) => monitoring.alerts[alert]?.receivers !== undefined)
  const toThis = directed.filter((alert) =>
    monitoring.alerts[alert]?.receivers?.some((receiver) => receiver === name),
  )
  const named = (alerts: readonly AlertName[]): string =>
    nameMatcher(alerts.map((alert) => publicName(alert, monitoring)))
  const severity = from === 'critical' ? 'severity="critical"' : 'severity=~"warning|critical"'
  const bySeverity = directed.length === 0 ? [severity] : [severity, not(named(directed))]
  const wanted = [bySeverity, ...(toThis.length === 0 ? [] : [[named(toThis)]])]
  const windows = monitoring.maintenance.map((_, index) => intervalName(index))
  const route = { receiver: name, continue: true }
  if (windows.length === 0) return wanted.map((matchers) => ({ ...route, matchers }))
  return wanted.flatMap((matchers) => [
    { ...route, matchers: [...matchers, named(always)] },
    { ...route, matchers: [...matchers, not(named(always))], mute_time_intervals: windows },
  ])
}

function not(matcher: string): string {
  return matcher.replace(/=~?/, (sign) => (sign === '=' ? '!=' : '!~'))
}

function intervalName(index: number): string {
  return `maintenance-${index + 1}`
}

function timeInterval({ days, from, to, location }: Maintenance, index: number) {
  const times = [{ start_time: from, end_time: to }]
  const interval = { ...(days === undefined ? {} : { weekdays: days }), times, location }
  return { name: intervalName(index), time_intervals: [interval] }
}
