/** argv of `timeball export`. */
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { ExportOptions } from './ansible.ts'

export const exportEntry: CommandEntry = {
  usage: 'export',
  summary: 'The same fleet for another tool: an Ansible project.',
  define(program, { shell, end }) {
    jsonOption(fleetFiles(program.command('ansible <directory>')))
      .description('Write an Ansible project that makes the devices the same without Timeball.')
      .option('--check', 'write nothing; exit with 2 when a file would change')
      .addHelpText(
        'after',
        examples(
          'export ansible playbooks/',
          'export ansible playbooks/ --vault-password-file ~/.vault-password',
        ),
      )
      .action(async (directory: string, options: ExportOptions) => {
        const { exportAnsibleCommand } = await import('./ansible.ts')
        end(await exportAnsibleCommand(await shell.open(), directory, options))
      })
    program.addHelpText('after', examples('export ansible playbooks/'))
    refuseUnknown(program)
  },
}
