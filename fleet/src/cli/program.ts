/** argv -> command. Each command is a thin file of its own, and loaded only when it is called. */
import { CommanderError, type Command } from 'commander'
import { exitCodes } from '../api/exit-codes.ts'
import { troubleOf } from '../api/trouble.ts'
import { buildProgram, commandIn, type ProgramParts } from './build-program.ts'
import { commandWord } from './command-word.ts'
import { fillFrom, readVariables } from './global-options.ts'
import type { OwnDevices } from './own-devices-program.ts'
import { refuse } from './problems.ts'
import { sayTrouble } from './say-trouble.ts'
import type { Shell } from './shell.ts'

/** The exit code of the command. */
export async function runProgram(
  argv: readonly string[],
  shell: Shell,
  own: OwnDevices,
): Promise<number> {
  const work = (heard: Shell): Promise<number> => runCommand(argv, heard, own)
  if (isJsonWanted(argv, shell, own)) {
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

/** The demo is not heard: it has a screen of its own. */
function isJsonWanted(argv: readonly string[], shell: Shell, own: OwnDevices): boolean {
  const { own: words } = partedAtDashes(argv)
  if (commandWord(words) === 'demo') return false
  if (words.includes('--json')) return true
  if (shell.environment['TIMEBALL_JSON'] !== '1') return false
  const program = buildProgram(words, { shell, own, end() {}, afterDashes: null })
  return commandIn(program, words).options.some(({ long }) => long === '--json')
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
  const { own: words, rest: afterDashes } = partedAtDashes(argv)
  const parts: ProgramParts = {
    ...{ shell, own, afterDashes },
    end(code) {
      exit = code
    },
  }
  // What is completed is a command line, too.
  const isCompleted = commandWord(words) === 'complete'
  const program = buildProgram(isCompleted ? argv : words, parts)
  program.hook('preAction', (_, command) => prepare(shell, program, command))
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  }
  return exit
}

/** What the environment says, and the folder, before anything is read. */
function prepare(shell: Shell, program: Command, command: Command): void {
  const { terminal, environment } = shell
  const variables = readVariables(environment)
  if (!variables.ok) throw refused(refuse(terminal, variables.failure))
  fillFrom(variables.value, program)
  fillFrom(variables.value, command)
  if (command.getOptionValueSource('limit') === 'env') {
    terminal.say(`(only ${String(command.getOptionValue('limit'))}: TIMEBALL_LIMIT is set)`)
  }
  const { directory } = program.opts<{ readonly directory?: string }>()
  const problem = directory === undefined ? null : shell.enterFolder(directory)
  if (problem !== null) throw refused(refuse(terminal, [problem]))
}

function refused(exit: number): CommanderError {
  return new CommanderError(exit, 'timeball.refused', 'refused')
}
