/** All dashboards as the files that Grafana reads. */
import { clocks } from './clocks.ts'
import { oneDevice } from './device.ts'
import { fleetOverview } from './fleet-overview.ts'
import { gps } from './gps.ts'
import { rollouts } from './rollouts.ts'

/** Text by name of the file. */
export function makeDashboards(): ReadonlyMap<string, string> {
  const all = { fleet: fleetOverview, device: oneDevice, clocks, rollouts, gps }
  return new Map(
    Object.entries(all).map(([name, each]) => [
      `${name}.json`,
      `${JSON.stringify(each, null, 2)}\n`,
    ]),
  )
}
