/** Grafana's dashboards. Made with `fleet/dashboards/`, and kept as they are given to Grafana. */
import clocks from './clocks.json' with { type: 'json' }
import device from './device.json' with { type: 'json' }
import fleet from './fleet.json' with { type: 'json' }
import gps from './gps.json' with { type: 'json' }
import rollouts from './rollouts.json' with { type: 'json' }

export interface DashboardFile {
  /** Name of the file, without a folder. */
  readonly file: string
  /** Its text. */
  readonly json: string
}

export const dashboards: readonly DashboardFile[] = Object.entries({
  fleet,
  device,
  clocks,
  rollouts,
  gps,
}).map(([name, content]) => ({
  file: `${name}.json`,
  json: `${JSON.stringify(content, null, 2)}\n`,
}))
