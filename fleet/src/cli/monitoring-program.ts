/** argv of `timeball monitoring`. */
import { Option } from 'commander'
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from './command-entry.ts'
import type { MonitoringAction, MonitoringOptions } from './monitoring.ts'

const summaries = {
  generate: 'Write the files of Prometheus, Alertmanager and Grafana.',
  check: 'Are the files as generated, and would the programs take them?',
  up: 'Generate, and run it all: with Compose, or with the programs of this machine.',
  down: 'End what up started.',
  status: 'What runs, and where it listens.',
} as const satisfies Record<MonitoringAction, string>

const exampleOf = {
  generate: ['monitoring generate', 'monitoring generate /etc/timeball/monitoring --check'],
  check: ['monitoring check'],
  up: ['monitoring up', 'monitoring up --with host'],
  down: ['monitoring down'],
  status: ['monitoring status --json'],
} as const satisfies Record<MonitoringAction, readonly string[]>

const actions = ['generate', 'check', 'up', 'down', 'status'] as const

export const monitoringEntry: CommandEntry = {
  usage: 'monitoring',
  summary: 'Prometheus, Alertmanager and Grafana, generated from the fleet.',
  define(monitoring, { shell, end }) {
    monitoring.addHelpText('after', examples('monitoring generate', 'monitoring up'))
    for (const action of actions) {
      const command = monitoring.command(`${action} [directory]`).description(summaries[action])
      command.addHelpText('after', examples(...exampleOf[action]))
      jsonOption(fleetFiles(command)).action(
        async (directory: string | undefined, options: MonitoringOptions) => {
          const { monitoringCommand } = await import('./monitoring.ts')
          end(await monitoringCommand(await shell.open(), action, directory, options))
        },
      )
      if (action === 'generate') {
        command.option('--check', 'write nothing; exit with 2 when a file would change')
      } else if (action !== 'check') {
        command.addOption(new Option('--with <what>', 'what runs it').choices(['compose', 'host']))
      }
    }
    refuseUnknown(monitoring)
  },
}
