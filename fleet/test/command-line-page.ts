/** docs/command-line.md, and the table of exit codes in docs/commands.md. */
import { exitMeanings } from '../src/api/exit-codes.ts'
import { allHelp, type CommandHelp, type OptionHelp } from './command-help.ts'
import { cell, prose } from './json-schema.ts'

const [program, ...commands] = allHelp()

/** Options that this many commands have alike are told once. */
const usual = 10
const counts = Map.groupBy(
  commands.flatMap(({ options }) => options),
  ({ term, meaning }) => `${term}: ${meaning}`,
)
const shared = [...counts.values()].flatMap((same) => (same.length < usual ? [] : same.slice(0, 1)))

function isShared({ term, meaning }: OptionHelp): boolean {
  return shared.some((each) => each.term === term && each.meaning === meaning)
}

function optionTable(options: readonly OptionHelp[]): string {
  const rows = options.map(({ term, meaning }) => `| \`${cell(term)}\` | ${prose(meaning)} |`)
  return ['| option | |', '| --- | --- |', ...rows].join('\n')
}

function commandSection({ words, usage, description, options, examples }: CommandHelp): string {
  const own = options.filter((option) => !isShared(option))
  const also = options
    .filter((option) => isShared(option) && option.term !== '-h, --help')
    .map(({ term }) => `\`${term.replace(/^-\w, /, '').replace(/ .*/, '')}\``)
  const parts = [
    `## ${words}`,
    `\`timeball ${words} ${usage}\``,
    prose(description),
    ...(own.length === 0 ? [] : [optionTable(own)]),
    ...(also.length === 0 ? [] : [`Also ${also.join(', ')}.`]),
    ...(examples.length === 0
      ? []
      : [['```', ...examples.map((line) => line.trim()), '```'].join('\n')]),
  ]
  return `${parts.join('\n\n')}\n`
}

export function commandLinePage(): string {
  const intro = `# Commands and options
What \`timeball COMMAND --help\` says, of all commands; made of it by a test. What is behind them: [commands](commands.md). Before a command, or after it:

${optionTable(program?.options ?? [])}

These mean the same wherever a command has them:

${optionTable(shared)}
`
  return [intro, ...commands.map(commandSection)].join('\n')
}

const begin = '<!-- exit codes: written by node fleet/test/man-page.test.ts --write -->\n'
const end = '<!-- /exit codes -->'

/** The page with the table as it should be. */
export function withExitCodes(page: string): string {
  const rows = [...exitMeanings].map(([code, meaning]) => `| ${code} | ${prose(meaning)} |`)
  const table = ['| exit | meaning |', '| --- | --- |', ...rows, ''].join('\n')
  const [before = '', rest = ''] = page.split(begin)
  return `${before}${begin}${table}${end}${rest.split(end)[1]}`
}
