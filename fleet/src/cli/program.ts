/** argv -> command. Each command is a thin file of its own, and loaded only when it is called. */
import { Command, CommanderError } from 'commander'
import { exitCodes } from '../api/exit-codes.ts'
import { troubleOf } from '../api/trouble.ts'
import { askingCommands } from './ask/program.ts'
import { deviceEntry } from './device-program.ts'
import { completeEntry, completionEntry } from './completion/program.ts'
import { refuseUnknown, type CommandEntry, type CommandParts } from './command-entry.ts'
import { fleetCommands } from './fleet-commands.ts'
import { explainEntry, helpEntry, initEntry } from './help-program.ts'
import { imageEntry } from './image/program.ts'
import { monitoringEntry } from './monitoring-program.ts'
import { ownDevicesCommands, type OwnDevices } from './own-devices-program.ts'
import { rolloutEntry } from './rollout/program.ts'
import { sayTrouble } from './say-trouble.ts'
import { serveEntry } from './serve-program.ts'
import type { Shell } from './shell.ts'

/** The exit code of the command. */
export async function runProgram(
  argv: readonly string[],
  shell: Shell,
  own: OwnDevices,
): Promise<number> {
  // The demo is not heard here: it has a screen of its own.
  const isJson = partedAtDashes(argv).own.includes('--json') && argv[0] !== 'demo'
  const work = (heard: Shell): Promise<number> => runCommand(argv, heard, own)
  if (isJson) {
    const { withResult } = await import('./records.ts')
    return await withResult(shell, work)
  }
  try {
    return await work(shell)
  } catch (error) {
    sayTrouble(shell.terminal, troubleOf(error))
    return exitCodes.failed
  }
}

/** `rest`: what is meant for another program; `null`: there is no `--`. */
function partedAtDashes(argv: readonly string[]): {
  readonly own: readonly string[]
  readonly rest: readonly string[] | null
} {
  const at = argv.indexOf('--')
  return at === -1
    ? { own: argv, rest: null }
    : { own: argv.slice(0, at), rest: argv.slice(at + 1) }
}

/** commander's own refusals are usage errors. */
async function runCommand(argv: readonly string[], shell: Shell, own: OwnDevices): Promise<number> {
  let exit: number = exitCodes.done
  const end = (code: number): void => {
    exit = code
  }
  const program = build(argv, { shell, own, end })
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  }
  return exit
}

/** In the order of the help. */
function commandsOf(own: OwnDevices): readonly CommandEntry[] {
  const { plan, apply, status, health, clock, inventory, reseat, recover } = fleetCommands
  const { demo, lab } = ownDevicesCommands(own)
  return [
    ...[plan, apply, rolloutEntry, status, health, clock, serveEntry, monitoringEntry, inventory],
    imageEntry,
    ...askingCommands,
    ...[deviceEntry, reseat, recover, initEntry, demo, lab],
    ...[explainEntry, completionEntry, completeEntry, helpEntry],
  ]
}

/** Options are defined of those commands only that argv names. */
function build(
  argv: readonly string[],
  { shell, own, end }: { shell: Shell; own: OwnDevices; end: (code: number) => void },
): Command {
  const { own: words, rest: afterDashes } = partedAtDashes(argv)
  const program = new Command('timeball')
    .description('Keeps a fleet of UTC time servers in time.')
    .version(shell.version)
    .option('-C <dir>', 'before the command: work there (env: TIMEBALL_DIRECTORY)')
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => shell.terminal.out(text.trimEnd()),
      writeErr: (text) => shell.terminal.say(text.trimEnd()),
      // Else commander asks Node's streams, which take long to make.
      getOutHelpWidth: () => shell.terminal.width ?? usualWidth,
      getErrHelpWidth: () => shell.terminal.width ?? usualWidth,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', firstSteps)
    .addHelpText('after', exitHelp)
  const parts = { shell, end, afterDashes }
  // What is completed is a command line, too.
  const named = new Set(words[0] === 'complete' ? argv : words)
  for (const entry of commandsOf(own)) {
    const hidden = entry.isHidden === true
    const command = program.command(entry.usage, { hidden }).description(entry.summary)
    if (named.has(command.name())) entry.define(command, parts)
  }
  refuseUnknown(program, (word) => wordBelow(word, commandsOf(own), parts))
  return program
}

/** `rollout status` for `status`. */
function wordBelow(
  word: string,
  entries: readonly CommandEntry[],
  parts: CommandParts,
): string | null {
  const group = entries.find((entry) => {
    const command = new Command(entry.usage)
    entry.define(command, parts)
    return command.commands.some((each) => each.name() === word)
  })
  return group === undefined ? null : `${group.usage} ${word}`
}

const usualWidth = 80

const firstSteps = `
Examples:
  timeball demo                          four devices on this machine, deployed and watched
  timeball plan -i inventory.yml         what would change; contacts the devices, changes nothing
  timeball apply --limit stratum2        make the changes on one group
  timeball health --watch                is every device serving good time?`

const exitHelp = `
Exit codes: 0 done, 1 failed, 3 some devices failed, 64 bad usage; all: timeball help exit-codes`
