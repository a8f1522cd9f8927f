/** `timeball help [topic]`: of a command, or of what all commands share. */
import type { Command } from 'commander'
import { exitMeanings } from '../api/exit-codes.ts'
import { examples, jsonOption, meantWord, type CommandEntry } from './command-entry.ts'
import type { InitOptions } from './init.ts'
import type { ExplainOptions } from './explain.ts'

const topics = ['exit-codes', 'environment']

export const helpEntry: CommandEntry = {
  usage: 'help [topic...]',
  summary: 'Help on a command, on exit-codes, or on the environment.',
  define(command, { shell }) {
    command.addHelpText(
      'after',
      examples('help rollout start', 'help exit-codes', 'help environment'),
    )
    command.action(async (words: readonly string[]) => {
      const program = command.parent ?? command
      if (words[0] === 'exit-codes') {
        for (const [exit, meaning] of exitMeanings) {
          shell.terminal.out(`${String(exit).padStart(3)}  ${meaning}`)
        }
      } else if (words[0] === 'environment') {
        const { variableLines } = await import('./variable-lines.ts')
        for (const line of variableLines(shell.terminal)) shell.terminal.out(line)
      } else topicOf(program, words).outputHelp()
    })
  },
}

export const initEntry: CommandEntry = {
  usage: 'init [directory]',
  summary: 'Write the files of a new fleet repository; what is there is left alone.',
  define(command, { shell, end }) {
    command
      .option('--from-ansible <path>', 'an inventory that is there, or a folder with one')
      .addHelpText('after', examples('init fleet', 'init --from-ansible ansible/'))
      .action(async (directory: string | undefined, options: InitOptions) => {
        const { initCommand } = await import('./init.ts')
        end(await initCommand(await shell.open(), directory ?? '.', options))
      })
  },
}

export const explainEntry: CommandEntry = {
  usage: 'explain [word]',
  summary: 'What a verdict, fault, check, alert, failure or exit code means, and what to do.',
  define(command, { shell, end }) {
    jsonOption(command)
      .addHelpText('after', examples('explain falseticker', 'explain 5', 'explain GpsFixLost'))
      .action(async (word: string | undefined, options: ExplainOptions) => {
        const { explainCommand } = await import('./explain.ts')
        end(await explainCommand(await shell.open(), word, options))
      })
  },
}

/** A topic that is none is bad usage. */
function topicOf(program: Command, words: readonly string[]): Command {
  let found = program
  for (const word of words) {
    const next = found.commands.find((each) => each.name() === word)
    if (next === undefined) {
      const known = [...found.commands.map((each) => each.name()), ...topics]
      const meant = meantWord(word, known)
      const hint = meant === null ? `There is: ${known.join(', ')}` : `Did you mean ${meant}?`
      program.error(`error: no help on '${word}'\n(${hint})`)
    } else found = next
  }
  return found
}
