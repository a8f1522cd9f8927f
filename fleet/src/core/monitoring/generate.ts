/** Fleet -> the files of its monitoring. The same fleet gives the same bytes. */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertmanagerText } from './alertmanager-config.ts'
import { adminPasswordFile, composeText } from './compose.ts'
import { grafanaFiles } from './grafana.ts'
import { prometheusText, targetsText } from './prometheus-config.ts'
import { rulesText } from './rules.ts'

/**
 * Text by path below the generated folder. `fleetFolder` is the way from there to the folder of
 * fleet.yaml, such as `..`; secrets stay there.
 */
export function generateMonitoring(
  fleet: MonitoredFleet,
  { fleetFolder }: { readonly fleetFolder: string },
): ReadonlyMap<string, string> {
  const secretPath = (path: string): string =>
    path.startsWith('/') ? path : `${fleetFolder}/${path}`
  return new Map([
    ['prometheus.yml', prometheusText(fleet, secretPath)],
    ['targets.json', targetsText(fleet)],
    ['rules.yml', rulesText(fleet)],
    ['alertmanager.yml', alertmanagerText(fleet, secretPath)],
    ['docker-compose.yml', composeText(fleet, secretPath)],
    ...grafanaFiles(fleet),
    ['.gitignore', `data/\n${adminPasswordFile}\n`],
  ])
}
