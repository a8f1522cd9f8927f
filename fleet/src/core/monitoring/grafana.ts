/** Grafana's provisioning: where the data is, and the folder of dashboards. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { containerFolder } from './compose.ts'
import { dashboards } from './dashboards/dashboards.ts'
import { listenAddress } from './prometheus-config.ts'
import { yamlFile } from './yaml-file.ts'

/** By path below the generated folder. */
export function grafanaFiles(fleet: MonitoredFleet): [path: string, text: string][] {
  const { monitoring } = fleet.settings
  const dataSource = {
    name: 'Timeball',
    uid: 'timeball',
    type: 'prometheus',
    access: 'proxy',
    url: `http://${listenAddress(monitoring.prometheus)}`,
    isDefault: true,
    editable: false,
    jsonData: { timeInterval: `${monitoring.scrape_interval / 1000}s`, httpMethod: 'POST' },
  }
  const provider = {
    name: 'timeball',
    folder: 'Timeball',
    type: 'file',
    allowUiUpdates: false,
    disableDeletion: true,
    options: { path: `${containerFolder}/grafana/dashboards` },
  }
  const provisioning = 'grafana/provisioning'
  return [
    [
      `${provisioning}/datasources/timeball.yml`,
      yamlFile({ apiVersion: 1, datasources: [dataSource] }),
    ],
    [`${provisioning}/dashboards/timeball.yml`, yamlFile({ apiVersion: 1, providers: [provider] })],
    ...dashboards.map(({ file, json }): [string, string] => [`grafana/dashboards/${file}`, json]),
  ]
}
