/** A word of the command line. */
import { nearest } from '@timeball/lib/nearest.ts'
import type { Command } from 'commander'
import type { Shell } from './shell.ts'

export interface CommandParts {
  readonly shell: Shell
  /** Takes the exit code. */
  readonly end: (code: number) => void
  /** The words after `--`; `null`: there is none. commander does not tell them from those before. */
  readonly afterDashes: readonly string[] | null
}

export interface CommandEntry {
  /** Name and arguments. */
  readonly usage: string
  readonly summary: string
  /** Not for people: help does not show it. */
  readonly isHidden?: true
  /** Gives it options, help and what it does. Called only when the word is in argv. */
  define(command: Command, parts: CommandParts): void
}

export function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  timeball ${line}`)].join('\n')
}

/** Where the fleet is described. */
export function fleetFiles(command: Command): Command {
  return inventorySources(command).option(
    '-f, --fleet <file>',
    'settings (default: fleet.yaml beside the inventory)',
  )
}

export function inventorySources(command: Command): Command {
  return command
    .option(
      '-i, --inventory <source>',
      "Ansible's inventory, YAML or INI; a folder, or several -i (default: inventory.yml)",
      another,
    )
    .option('--vault-password-file <file>', 'the password of what Ansible Vault encrypted', another)
    .option('--untrusted', 'run nothing here that the inventory names, such as a ProxyCommand')
}

/** Of an option that may be given several times. */
export function another(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

export function jsonOption(command: Command): Command {
  return command.option('--json', 'JSON lines; the last one is the result')
}

/** Of a command on devices. */
export function deviceOptions(command: Command): Command {
  return jsonOption(
    fleetFiles(command).option(
      '-l, --limit <pattern>',
      'devices, as in Ansible: stratum1, pi-*, a:!b, @failed',
    ),
  )
}

export function hostKeyOption(command: Command): Command {
  return command.option(
    '--accept-new-host-keys',
    'pin the key of a device that was never seen; a changed key is always refused',
  )
}

/**
 * A word that is no command is refused with the one that was meant: how a word begins counts most.
 * `elsewhere` is a command below another one that has just this name, such as `rollout status`.
 */
export function refuseUnknown(
  command: Command,
  elsewhere: (word: string) => string | null = () => null,
): void {
  command.on('command:*', ([word = '']: readonly string[]) => {
    const words = command.commands.map((each) => each.name())
    const meant = elsewhere(word) ?? meantWord(word, words)
    const hint = meant === null ? '' : `\n(Did you mean ${meant}?)`
    command.error(`error: unknown command '${word}'${hint}`)
  })
}

/** `null`: none is like it. */
export function meantWord(word: string, words: readonly string[]): string | null {
  const [only = null, ...others] = words.filter((each) => each.startsWith(word))
  return others.length === 0 && only !== null ? only : nearest(word, words)
}
