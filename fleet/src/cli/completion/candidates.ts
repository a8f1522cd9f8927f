/** What may come next on the command line. */
import type { Command, Option } from 'commander'

export interface Candidate {
  readonly word: string
  readonly text: string
}

/** `fleet`: patterns of devices; `word`: what `explain` knows; `rollout`: ids; `files`: the shell's own way. */
export type Wanted =
  | { readonly kind: 'these'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'fleet' | 'word' | 'rollout' | 'files' }

export interface Completion {
  readonly wanted: Wanted
  /** Values of `-i` that were given before. */
  readonly inventories: readonly string[]
  /** Of the last `-C`; `null`: there is none. */
  readonly directory: string | null
}

const files: Wanted = { kind: 'files' }

/** `words` are those after the name of the program; the last one is being typed. */
export function completionOf(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? ''
  const inventories: string[] = []
  let directory: string | null = null
  let command = program
  let positional = 0
  let open: Option | null = null
  for (const word of words.slice(0, -1)) {
    if (open !== null) {
      if (open.long === '--inventory') inventories.push(word)
      if (open.long === '--directory') directory = word
      open = null
    } else if (word === '--') return { wanted: files, inventories, directory }
    else if (word.startsWith('-')) open = optionOf([...command.options, ...program.options], word)
    else {
      const below = positional === 0 ? command.commands.find((each) => each.name() === word) : null
      if (below) command = below
      else positional += 1
    }
  }
  const wanted = open === null ? nextOf(command, positional, current) : valuesOf(open)
  return { wanted, inventories, directory }
}

/** `null`: it takes no value, or has it already, or there is no such option. */
function optionOf(options: readonly Option[], word: string): Option | null {
  const option = options.find(({ long, short }) => long === word || short === word)
  return option?.required === true ? option : null
}

function valuesOf({ long, argChoices }: Option): Wanted {
  if (long === '--limit') return { kind: 'fleet' }
  return argChoices === undefined ? files : these(argChoices.map((word) => ({ word, text: '' })))
}

function these(candidates: readonly Candidate[]): Wanted {
  return { kind: 'these', candidates }
}

function nextOf(command: Command, positional: number, current: string): Wanted {
  if (current.startsWith('-')) {
    const own = command.options.map(({ long, short, description }) => ({
      word: long ?? short ?? '',
      text: description,
    }))
    return these([...own, { word: '--help', text: 'display help for command' }])
  }
  if (command.commands.length > 0 && positional === 0) {
    const shown = command.createHelp().visibleCommands(command)
    return these(shown.map((each) => ({ word: each.name(), text: each.description() })))
  }
  const { registeredArguments: all } = command
  const argument = all[positional] ?? all.findLast(({ variadic }) => variadic)
  if (argument === undefined) return files
  if (argument.argChoices !== undefined) {
    return these(argument.argChoices.map((word) => ({ word, text: '' })))
  }
  return byArgument[argument.name()] ?? files
}

const byArgument: Readonly<Record<string, Wanted>> = {
  targets: { kind: 'fleet' },
  device: { kind: 'fleet' },
  word: { kind: 'word' },
  id: { kind: 'rollout' },
}

/** The operators after which another name of a pattern begins. */
export function typedBefore(current: string): string {
  return /^.*[:,&!]/.exec(current)?.[0] ?? ''
}
