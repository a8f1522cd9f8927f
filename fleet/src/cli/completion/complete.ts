/** `timeball complete -- WORDS`: what may come next, for the shells. It says nothing else, ever. */
import type { Command } from 'commander'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { knownWords } from '../../api/explanations/find-word.ts'
import type { Context, FleetOptions } from '../context.ts'
import type { Shell } from '../shell.ts'
import { completionOf, typedBefore, type Candidate, type Wanted } from './candidates.ts'

export async function completeCommand(
  shell: Shell,
  program: Command,
  words: readonly string[],
  options: FleetOptions,
): Promise<ExitCode> {
  const current = words.at(-1) ?? ''
  const { wanted, inventories, directory } = completionOf(program, words)
  if (directory !== null && shell.enterFolder(directory) !== null) return exitCodes.done
  const context = await shell.open()
  const source = inventories.length > 0 ? { inventory: inventories } : options
  const candidates = await candidatesOf(context, wanted, current, source)
  for (const { word, text } of candidates) {
    if (word.startsWith(current)) context.terminal.out(`${word}\t${text}`)
  }
  return exitCodes.done
}

async function candidatesOf(
  context: Context,
  wanted: Wanted,
  current: string,
  source: FleetOptions,
): Promise<readonly Candidate[]> {
  switch (wanted.kind) {
    case 'these':
      return wanted.candidates
    case 'word':
      return knownWords().map((word) => ({ word, text: '' }))
    case 'rollout': {
      // Nothing of what the inventory names is run for a completion.
      const loaded = await context.loadFleet({ ...source, untrusted: true })
      const rollouts = loaded.ok ? await context.knownRollouts(loaded.value) : []
      return rollouts.map(({ rollout, status, why }) => ({
        word: rollout,
        text: why === '' ? status : `${status}: ${why}`,
      }))
    }
    case 'files':
      return []
    case 'fleet': {
      const known = await context.inventoryNames(source)
      if (known === null) return []
      const { hosts, groups } = known
      const names = [
        ...groups.map((word) => ({ word, text: 'group' })),
        ...hosts.map((word) => ({ word, text: 'device' })),
        { word: '@failed', text: 'those that failed last' },
        { word: '@changed', text: 'those that changed last' },
      ]
      const before = typedBefore(current)
      return names.map(({ word, text }) => ({ word: `${before}${word}`, text }))
    }
  }
}
