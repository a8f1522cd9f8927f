/** What a row of the table of alerts says. */
import type { MonitoredFleet } from '../monitored-fleet.ts'
import type { MonitoringSettings } from '../settings.ts'
import type { TimeScale } from '../time-scale.ts'

/**
 * `critical` wakes somebody: clients are affected, wrong time is served, or nobody would notice if
 * it were. `warning` can wait for the day. `none` tells nobody: it exists so that Alertmanager can
 * inhibit what follows from it.
 */
export const severities = ['critical', 'warning', 'none'] as const
export type Severity = (typeof severities)[number]

export interface RuleContext {
  readonly fleet: MonitoredFleet
  readonly scale: TimeScale
}

export interface Alert {
  readonly severity: Severity
  /** How long it has to be so; 0 is at once. */
  readonly forMs: number | ((monitoring: MonitoringSettings) => number)
  /** How long it stays an alert after it is no longer so; 0 when left out. */
  readonly keepFiringMs?: number
  /** PromQL; `null` when nobody writes the series that it is about: it could never fire. */
  readonly expr: (context: RuleContext) => string | null
  /** One line; a template of Prometheus, in which `$labels` and `$value` are known. */
  readonly summary: string
  /** What it means for those who need the time. */
  readonly description: string
}

/** The scrape jobs, as their series are labelled. */
export const devicesJob = 'mcp-time-servers'
export const controllerJob = 'timeball'
export const prometheusJob = 'prometheus'
export const alertmanagerJob = 'alertmanager'

/** What the controller measures, where there is one. */
export function fromController({ fleet }: RuleContext, expr: string): string | null {
  return fleet.settings.monitoring.controller === 'none' ? null : expr
}

/** A matcher for just these devices. They have names of letters, digits, - . and _. */
export function devicesMatcher(names: readonly string[]): string {
  // Twice: once for the regular expression, once for the text that PromQL reads it from.
  return `device=~"${names.map((name) => name.replaceAll('.', '\\\\.')).join('|')}"`
}
