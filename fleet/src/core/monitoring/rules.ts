/** `rules.yml`: the table of alerts, with the limits of this fleet. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertNames, publicName, type AlertName } from './alert-names.ts'
import type { RuleContext, Severity } from './alerts/alert.ts'
import { alerts } from './alerts/alerts.ts'
import { recordingRules } from './recording-rules.ts'
import type { MonitoringSettings } from './settings.ts'
import { timeScaleOf } from './time-scale.ts'
import { yamlFile } from './yaml-file.ts'

export function ruleContextOf(fleet: MonitoredFleet): RuleContext {
  return { fleet, scale: timeScaleOf(fleet.settings.monitoring) }
}

/** How long an alert's condition has to hold, before time is compressed. */
export function forMsOf(name: AlertName, { settings: { monitoring } }: MonitoredFleet): number {
  const { forMs } = alerts[name]
  const own = typeof forMs === 'number' ? forMs : forMs(monitoring)
  return monitoring.alerts[name]?.for ?? own
}

export function severityOf(name: AlertName, { settings }: MonitoredFleet): Severity {
  return settings.monitoring.alerts[name]?.severity ?? alerts[name].severity
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
  const { monitoring } = fleet.settings
  const forMs = forMsOf(name, fleet)
  const { expr, keepFiringMs = 0 } = alerts[name]
  return {
    alert: publicName(name, monitoring),
    expr: expr(context),
    ...(forMs === 0 ? {} : { for: scale.duration(forMs) }),
    ...(keepFiringMs === 0 ? {} : { keep_firing_for: scale.duration(keepFiringMs) }),
    labels: {
      ...monitoring.alerts[name]?.labels,
      severity: severityOf(name, fleet),
      fleet: fleet.name,
    },
    annotations: annotationsOf(name, fleet),
  }
}

/** Templates of Prometheus, but for the link; without a place for it there is none. */
export function annotationsOf(
  name: AlertName,
  { settings: { monitoring } }: MonitoredFleet,
): Readonly<Record<string, string>> {
  const { summary, description } = alerts[name]
  const folder = runbookFolder(monitoring)
  const link = folder === null ? {} : { runbook_url: `${folder}/${name}.md` }
  return { summary, description, ...link }
}

function runbookFolder({ runbooks, controller }: MonitoringSettings): string | null {
  if (runbooks !== undefined) return runbooks.replace(/(?<!\/)\/+$/, '')
  return controller === 'none' ? null : `http://${controller}/runbooks`
}
