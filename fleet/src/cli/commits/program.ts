/** argv of `timeball commits` and `timeball approve`. */
import { examples, fleetFiles, jsonOption, type CommandEntry } from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import type { ApproveOptions } from './approve.ts'

export const commitsEntry: CommandEntry = {
  usage: 'commits',
  summary: 'Which commit the fleet runs, and what becomes of the newest one.',
  define(command, { shell, end }) {
    jsonOption(fleetFiles(command))
      .addHelpText('after', examples('commits', 'commits --json'))
      .action(async (options: FleetOptions) => {
        const { listCommits } = await import('./list.ts')
        end(await listCommits(await shell.open(), options))
      })
  },
}

export const approveEntry: CommandEntry = {
  usage: 'approve <commit>',
  summary: 'Make the newest commit the desired state, and roll it out.',
  define(command, { shell, end }) {
    fleetFiles(command)
      .option('--plan <hash>', 'the plan that was seen; refused when it is another one by now')
      .addHelpText(
        'after',
        examples('approve 1a2b3c4d5e6f', 'approve 1a2b3c4 --plan 0f1e2d3c4b5a6978'),
      )
      .action(async (commit: string, options: ApproveOptions) => {
        const { approveCommand } = await import('./approve.ts')
        end(await approveCommand(await shell.open(), commit, options))
      })
  },
}
