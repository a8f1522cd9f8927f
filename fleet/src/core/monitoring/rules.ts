/** `rules.yml`: the table of alerts, with the limits of this fleet. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertNames, type AlertName } from './alert-names.ts'
import type { Alert, RuleContext } from './alerts/alert.ts'
import { alerts } from './alerts/alerts.ts'
import { recordingRules } from './recording-rules.ts'
import { timeScaleOf } from './time-scale.ts'
import { yamlFile } from './yaml-file.ts'

export function ruleContextOf(fleet: MonitoredFleet): RuleContext {
  return { fleet, scale: timeScaleOf(fleet.settings.monitoring) }
}

/** How long an alert's condition has to hold, before time is compressed. */
export function forMsOf(alert: Alert, fleet: MonitoredFleet): number {
  const { forMs } = alert
  return typeof forMs === 'number' ? forMs : forMs(fleet.settings.monitoring)
}

/** Alerts that this fleet has, in the order of the table. */
export function activeAlerts(fleet: MonitoredFleet): AlertName[] {
  const context = ruleContextOf(fleet)
  const off = new Set(fleet.settings.monitoring.off)
  return alertNames.filter((name) => !off.has(name) && alerts[name].expr(context) !== null)
}

export function rulesText(fleet: MonitoredFleet): string {
  const context = ruleContextOf(fleet)
  const names = activeAlerts(fleet)
  // One group: its rules are evaluated in their order, so that alerts see the newest records.
  const rules = [...recordingRules(context), ...names.map((name) => alertRule(name, context))]
  return yamlFile({ groups: [{ name: 'timeball', rules }] })
}

function alertRule(name: AlertName, context: RuleContext): unknown {
  const { fleet, scale } = context
  const alert = alerts[name]
  const forMs = forMsOf(alert, fleet)
  const { keepFiringMs = 0 } = alert
  return {
    alert: name,
    expr: alert.expr(context),
    ...(forMs === 0 ? {} : { for: scale.duration(forMs) }),
    ...(keepFiringMs === 0 ? {} : { keep_firing_for: scale.duration(keepFiringMs) }),
    labels: { severity: alert.severity, fleet: fleet.name },
    annotations: annotationsOf(name, fleet),
  }
}

/** Templates of Prometheus, but for the link. */
export function annotationsOf(
  name: AlertName,
  fleet: MonitoredFleet,
): Readonly<Record<'summary' | 'description' | 'runbook_url', string>> {
  const { summary, description } = alerts[name]
  const folder = fleet.settings.monitoring.runbooks.replace(/(?<!\/)\/+$/, '')
  return { summary, description, runbook_url: `${folder}/${name}.md` }
}
