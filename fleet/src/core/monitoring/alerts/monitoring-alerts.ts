/** Alerts about the watch itself. Where Alertmanager is down, only the silence of the watchdog tells. */
import type { AlertName } from '../alert-names.ts'
import { alertmanagerJob, type Alert, type RuleContext } from './alert.ts'

const minute = 60_000

export const monitoringAlerts = {
  AlertmanagerDown: {
    severity: 'critical',
    forMs: 5 * minute,
    expr: () => {
      const up = `up{job="${alertmanagerJob}"}`
      return `${up} == 0 or absent(${up})`
    },
    summary: 'Alertmanager is down',
    description: 'Alerts are seen in Prometheus only: nobody is told of any.',
  },
  NotificationsFailing: {
    severity: 'critical',
    forMs: 5 * minute,
    expr: (context) =>
      [
        grows(context, 'alertmanager_notifications_failed_total'),
        grows(context, 'prometheus_notifications_dropped_total'),
      ].join(' or '),
    summary:
      'Alerts do not reach {{ with $labels.integration }}{{ . }}{{ else }}Alertmanager{{ end }}',
    description: 'Somebody who counts on being told is not told.',
  },
  RulesFailing: {
    severity: 'critical',
    forMs: 5 * minute,
    expr: (context) => grows(context, 'prometheus_rule_evaluation_failures_total'),
    summary: 'Prometheus cannot evaluate its rules',
    description: 'An alert whose rule fails is silent, whatever happens.',
  },
  MonitoringConfigRefused: {
    severity: 'warning',
    forMs: 5 * minute,
    expr: () => '{__name__=~"(prometheus|alertmanager)_config_last_reload_successful"} == 0',
    summary: 'The {{ $labels.job }} of the fleet refuses its configuration',
    description: 'It runs on with the one before: what was changed since is not watched.',
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

function grows({ scale }: RuleContext, counter: string): string {
  return `increase(${counter}[${scale.window(5 * minute)}]) > 0`
}
