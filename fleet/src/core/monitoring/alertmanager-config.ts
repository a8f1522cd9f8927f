/** `alertmanager.yml`: who is told of what, when, and what is kept back. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { inhibitRules } from './inhibition.ts'
import { receiversOf, type Receiver } from './receivers.ts'
import type { Maintenance } from './settings.ts'
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
  const { receivers, maintenance } = fleet.settings.monitoring
  const scale = timeScaleOf(fleet.settings.monitoring)
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
        ...(watchdog === null ? [] : [watchdogRoute(watchdog, scale)]),
        { receiver: 'nobody', matchers: ['severity="none"'] },
        ...told.flatMap((receiver) =>
          routesOf(
            receiver,
            windows.map(({ name }) => name),
          ),
        ),
      ],
    },
    ...(windows.length === 0 ? {} : { time_intervals: windows }),
    inhibit_rules: inhibitRules,
    receivers: [
      { name: 'nobody' },
      ...told.map(({ name, config }) => ({ name, ...config })),
      ...(watchdog === null ? [] : [{ name: watchdog.name, ...watchdog.config }]),
    ],
  })
}

function watchdogRoute({ name }: Receiver, scale: TimeScale): unknown {
  const often = { group_wait: scale.duration(second), repeat_interval: scale.duration(5 * minute) }
  const matchers = ['alertname="Watchdog"']
  return { receiver: name, matchers, ...often, group_interval: scale.duration(minute) }
}

/** Every receiver is told by itself. A lost quorum is told even while maintenance goes on. */
function routesOf({ name, from }: Receiver, windows: readonly string[]): unknown[] {
  const severity = from === 'critical' ? 'severity="critical"' : 'severity=~"warning|critical"'
  const route = { receiver: name, continue: true }
  if (windows.length === 0) return [{ ...route, matchers: [severity] }]
  return [
    { ...route, matchers: ['alertname="QuorumLost"'] },
    {
      ...route,
      matchers: [severity, 'alertname!="QuorumLost"'],
      mute_time_intervals: windows,
    },
  ]
}

function timeInterval({ days, from, to, location }: Maintenance, index: number) {
  const times = [{ start_time: from, end_time: to }]
  const interval = { ...(days === undefined ? {} : { weekdays: days }), times, location }
  return { name: `maintenance-${index + 1}`, time_intervals: [interval] }
}
