/** argv of `timeball completion SHELL`, and of `complete`, which its scripts ask. */
import { Argument } from 'commander'
import { exitCodes } from '../../api/exit-codes.ts'
import { examples, inventorySources, type CommandEntry } from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import { completionScripts, completionShells, type CompletionShell } from './scripts.ts'

export const completionEntry: CommandEntry = {
  usage: 'completion',
  summary: 'Completion of commands, options and devices for bash, zsh or fish.',
  define(command, { shell, end }) {
    command
      .addArgument(new Argument('<shell>', 'for which shell').choices(completionShells))
      .addHelpText(
        'after',
        examples(
          'completion bash > ~/.local/share/bash-completion/completions/timeball',
          'completion zsh > ~/.zfunc/_timeball',
          'completion fish > ~/.config/fish/completions/timeball.fish',
        ),
      )
      .action((name: CompletionShell) => {
        shell.terminal.out(completionScripts[name].trimEnd())
        end(exitCodes.done)
      })
  },
}

export const completeEntry: CommandEntry = {
  usage: 'complete [words...]',
  summary: 'What may come next.',
  isHidden: true,
  define(command, { shell, end, afterDashes }) {
    // For the inventory that the environment names.
    inventorySources(command).action(async (_words: readonly string[], options: FleetOptions) => {
      const { completeCommand } = await import('./complete.ts')
      const program = command.parent ?? command
      end(await completeCommand(shell, program, afterDashes ?? [], options))
    })
  },
}
