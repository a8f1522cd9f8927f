/** argv of `timeball monitoring`. */
import { Option, type Command } from 'commander'
import type { MonitoringAction, MonitoringOptions } from './monitoring.ts'
import type { Shell } from './shell.ts'

const summaries = {
  generate: 'Write the files of Prometheus, Alertmanager and Grafana.',
  check: 'Are the files as generated, and would the programs take them?',
  up: 'Generate, and run it all: with Compose, or with the programs of this machine.',
  down: 'End what up started.',
  status: 'What runs, and where it listens.',
} as const satisfies Record<MonitoringAction, string>

export function addMonitoring(program: Command, shell: Shell, end: (code: number) => void): void {
  const monitoring = program
    .command('monitoring')
    .description('Prometheus, Alertmanager and Grafana, generated from the fleet.')
    .addHelpText('after', '\nExamples:\n  timeball monitoring generate\n  timeball monitoring up')
  const add = (action: MonitoringAction): Command =>
    monitoring
      .command(`${action} [directory]`)
      .description(summaries[action])
      .option('-i, --inventory <file>', 'Ansible YAML inventory (default: inventory.yml)')
      .option('-f, --fleet <file>', 'settings (default: fleet.yaml beside the inventory)')
      .option('--json', 'JSON lines; the last one is the result')
      .action(async (directory: string | undefined, options: MonitoringOptions) => {
        const { monitoringCommand } = await import('./monitoring.ts')
        end(await monitoringCommand(await shell.open(), action, directory, options))
      })
  add('generate').option('--check', 'write nothing; exit with 2 when a file would change')
  add('check')
  for (const action of ['up', 'down', 'status'] as const) {
    add(action).addOption(new Option('--with <what>', 'what runs it').choices(['compose', 'host']))
  }
}
