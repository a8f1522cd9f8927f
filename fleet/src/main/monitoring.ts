/** The machine on which the monitoring runs: this one. */
import { dirname, join, relative } from 'node:path'
import type { MonitoringHost } from '../ports/monitoring-host.ts'
import type { LoadedFleet } from '../cli/context.ts'
import { ok } from '@timeball/lib/result.ts'
import { composeStack, hasCompose } from './monitoring-compose.ts'
import { monitoringFolder } from './monitoring-folder.ts'
import { hostStack } from './monitoring-programs.ts'
import { runTool } from './run-tool.ts'

const toolLimits = { timeoutMs: 60_000, environment: {} }

/** `directory` is `monitoring/` beside fleet.yaml when left out. */
export function openMonitoring(
  { fleet, settingsFile }: LoadedFleet,
  directory: string | undefined,
): MonitoringHost {
  const home = dirname(settingsFile)
  const path = directory ?? join(home, 'monitoring')
  return {
    folder: monitoringFolder(path),
    fleetFolder: relative(path, home) || '.',
    runTool: (program, args) => runTool(path, program, args, toolLimits),
    async openStack(wanted) {
      // A container on the host's network is not in the namespace of the fleet.
      const isInHostNetwork = fleet.settings.network.namespace === undefined
      const canCompose = isInHostNetwork && wanted !== 'host' && (await hasCompose(home))
      const kind = wanted ?? (canCompose ? 'compose' : 'host')
      return ok(kind === 'compose' ? composeStack(path) : hostStack(path, fleet))
    },
  }
}
