/** What a row of the table of alerts says. */
import type { MonitoredFleet } from '../monitored-fleet.ts'
import type { MonitoringSettings } from '../settings.ts'
import type { TimeScale } from '../time-scale.ts'

/**
 * `critical` wakes somebody; `warning` can wait for the day; `none` tells nobody: it exists so that
 * Alertmanager can inhibit what follows from it.
 */
export type Severity = 'critical' | 'warning' | 'none'

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
  /** PromQL; `null` when this fleet has nothing that it could be about. */
  readonly expr: (context: RuleContext) => string | null
  /** One line; a template of Prometheus, in which `$labels` and `$value` are known. */
  readonly summary: string
  /** What it means for those who need the time. */
  readonly description: string
}

/** The scrape jobs, as their series are labelled. */
export const devicesJob = 'mcp-time-servers'
export const controllerJob = 'timeball'

/** A matcher for just these devices. They have names of letters, digits, - . and _. */
export function devicesMatcher(names: readonly string[]): string {
  // Twice: once for the regular expression, once for the text that PromQL reads it from.
  return `device=~"${names.map((name) => name.replaceAll('.', '\\\\.')).join('|')}"`
}
