/** The man page, made of what `--help` is made of. */
import { allHelp, type CommandHelp } from './command-help.ts'

export function manPage(version: string): string {
  const [program, ...commands] = allHelp()
  if (program === undefined) throw new Error('there is no help')
  return [
    `.TH TIMEBALL 1 "" "Timeball ${version}"`,
    ...['.SH NAME', `timeball \\- ${text(sentence(program.description))}`],
    ...['.SH SYNOPSIS', '.B timeball', '[\\-C \\fIdir\\fR] \\fIcommand\\fR [\\fIoptions\\fR]'],
    ...['.SH OPTIONS', ...optionsOf(program)],
    ...['.SH COMMANDS', ...commands.flatMap(commandSection)],
    ...['.SH ENVIRONMENT', 'See', '.B timeball help environment.'],
    ...['.SH EXIT STATUS', 'See', '.B timeball help exit\\-codes.', ''],
  ].join('\n')
}

function commandSection(command: CommandHelp): readonly string[] {
  const { words, usage, description, examples } = command
  return [
    `.SS ${text(`${words} ${usage}`)}`,
    text(description),
    ...optionsOf(command),
    ...(examples.length === 0
      ? []
      : ['.PP', 'Examples:', '.PP', '.nf', ...examples.map(text), '.fi']),
  ]
}

function optionsOf({ options }: CommandHelp): readonly string[] {
  return options.flatMap(({ term, meaning }) => ['.TP', `.B ${text(term)}`, text(meaning)])
}

function sentence(description: string): string {
  return description.replace(/\.$/, '').replace(/^./, (letter) => letter.toLowerCase())
}

/** A line that begins with a dot or a quote would be a request of roff. */
function text(line: string): string {
  const safe = line.replaceAll('\\', '\\e').replaceAll('-', '\\-')
  return /^[.']/.test(safe) ? `\\&${safe}` : safe
}
