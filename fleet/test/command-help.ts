/** What `--help` says, as data: the man page and docs/command-line.md are made of it. */
import type { Command } from 'commander'
import { buildProgram } from '../src/cli/build-program.ts'

export interface CommandHelp {
  /** `rollout start`; empty for the program itself. */
  readonly words: string
  /** `[options] [targets]` */
  readonly usage: string
  readonly description: string
  readonly options: readonly OptionHelp[]
  readonly examples: readonly string[]
}

export interface OptionHelp {
  readonly term: string
  readonly meaning: string
}

/** The program, then each command with those below it. */
export function allHelp(): readonly CommandHelp[] {
  const program = programOf([], [])
  const commands = program.createHelp().visibleCommands(program)
  return [helpOf('', program, ''), ...commands.flatMap((each) => groupHelp(each.name()))]
}

function groupHelp(name: string): readonly CommandHelp[] {
  const said: string[] = []
  const program = programOf([name], said)
  const command = program.commands.find((each) => each.name() === name)
  if (command === undefined) return []
  return [command, ...command.commands].map((each) => {
    said.length = 0
    each.outputHelp()
    const [, examples = ''] = said.join('\n').split('\nExamples:\n')
    return helpOf(each === command ? name : `${name} ${each.name()}`, each, examples)
  })
}

function helpOf(words: string, command: Command, examples: string): CommandHelp {
  const help = command.createHelp()
  return {
    words,
    usage: command.usage(),
    description: command.description(),
    options: help.visibleOptions(command).map((option) => ({
      term: help.optionTerm(option),
      meaning: help.optionDescription(option),
    })),
    examples: examples === '' ? [] : examples.split('\n'),
  }
}

function never(): never {
  throw new Error('help opens nothing')
}

/** Such as of `plan`, or of all commands. */
function programOf(words: readonly string[], said: string[]): Command {
  const terminal = {
    ...{ say() {}, outStyled() {}, progress() {}, clear() {}, hide() {} },
    out: (line: string) => void said.push(line),
    ...{ confirm: () => Promise.resolve(null), askHidden: () => Promise.resolve(null) },
    readHidden: () => Promise.resolve(null),
    ...{ color: false, width: 1000, isInteractive: false },
  }
  const shell = { version: '0', terminal, environment: {}, enterFolder: never, open: never }
  const own = { demo: never, lab: never }
  return buildProgram(words, { shell, own, end() {}, afterDashes: null })
}
