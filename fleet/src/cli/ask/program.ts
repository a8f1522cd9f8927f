/** argv of the commands that ask devices, or act on many at once. */
import { deviceOptions, examples, hostKeyOption, type CommandEntry } from '../command-entry.ts'
import { secondsFrom } from '../option-values.ts'
import type { RunOptions } from './run.ts'

const run: CommandEntry = {
  usage: 'run [targets] [words...]',
  summary: 'Run a command on many devices; those that say the same are shown once.',
  define(command, { shell, end, afterDashes }) {
    hostKeyOption(deviceOptions(command))
      .usage('[options] [targets] -- COMMAND')
      .option('--sudo', 'as root; else as the user who logs in')
      .option('--script <file>', 'send this file and run it, by what its #! line says, else by sh')
      .option('--timeout <seconds>', 'time that each device has', secondsFrom(1, 86_400), 60)
      .addHelpText(
        'after',
        examples(
          'run -- uptime',
          "run stratum1 --sudo -- 'journalctl -u gpsd | tail -3'",
          'run --script check.sh --timeout 300',
        ),
      )
      .action(async (targets: string | undefined, _: readonly string[], options: RunOptions) => {
        const { runOnMany } = await import('./run.ts')
        const isTarget = command.args.length > (afterDashes?.length ?? 0)
        end(
          await runOnMany(await shell.open(), isTarget ? targets : undefined, afterDashes, options),
        )
      })
  },
}

export const askingCommands: readonly CommandEntry[] = [run]
