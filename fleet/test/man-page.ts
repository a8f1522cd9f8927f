/** The man page, made of what `--help` is made of. */
import type { Command } from 'commander'
import { buildProgram } from '../src/cli/build-program.ts'

function never(): never {
  throw new Error('help opens nothing')
}

/** Such as of `plan`, or of all commands. */
export function manPage(version: string): string {
  const program = programOf([], [])
  const commands = program.createHelp().visibleCommands(program)
  const sections = commands.flatMap((each) => commandSections(each.name()))
  return [
    `.TH TIMEBALL 1 "" "Timeball ${version}"`,
    ...['.SH NAME', `timeball \\- ${text(sentence(program.description()))}`],
    ...['.SH SYNOPSIS', '.B timeball', '[\\-C \\fIdir\\fR] \\fIcommand\\fR [\\fIoptions\\fR]'],
    ...['.SH OPTIONS', ...optionsOf(program)],
    ...['.SH COMMANDS', ...sections],
    ...['.SH ENVIRONMENT', 'See', '.B timeball help environment.'],
    ...['.SH EXIT STATUS', 'See', '.B timeball help exit\\-codes.', ''],
  ].join('\n')
}

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

/** Of a command, and of those below it. */
function commandSections(name: string): readonly string[] {
  const said: string[] = []
  const program = programOf([name], said)
  const command = program.commands.find((each) => each.name() === name)
  if (command === undefined) return []
  return [command, ...command.commands].flatMap((each) => {
    said.length = 0
    each.outputHelp()
    const [, examples = ''] = said.join('\n').split('\nExamples:\n')
    const words = each === command ? name : `${name} ${each.name()}`
    return [
      `.SS ${text(`${words} ${each.usage()}`)}`,
      text(each.description()),
      ...optionsOf(each),
      ...(examples === ''
        ? []
        : ['.PP', 'Examples:', '.PP', '.nf', ...examples.split('\n').map(text), '.fi']),
    ]
  })
}

function optionsOf(command: Command): readonly string[] {
  const help = command.createHelp()
  return help
    .visibleOptions(command)
    .flatMap((option) => [
      '.TP',
      `.B ${text(help.optionTerm(option))}`,
      text(help.optionDescription(option)),
    ])
}

function sentence(description: string): string {
  return description.replace(/\.$/, '').replace(/^./, (letter) => letter.toLowerCase())
}

/** A line that begins with a dot or a quote would be a request of roff. */
function text(line: string): string {
  const safe = line.replaceAll('\\', '\\e').replaceAll('-', '\\-')
  return /^[.']/.test(safe) ? `\\&${safe}` : safe
}
