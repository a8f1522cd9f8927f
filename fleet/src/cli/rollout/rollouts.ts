/** The fleet's rollouts for one command: opened, one of them found, closed. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { openStore } from '../open-store.ts'
import { refuse, usageProblem } from '../problems.ts'

export interface Rollouts {
  readonly loaded: LoadedFleet
  readonly store: RolloutStore
}

export async function withRollouts(
  context: Context,
  options: FleetOptions,
  work: (rollouts: Rollouts) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const store = await openStore(context, loaded.value, 'read')
  if (!store.ok) return store.failure
  try {
    return await work({ loaded: loaded.value, store: store.value })
  } finally {
    await store.value.close()
  }
}

/** The newest one without a name; a name may be cut short where no other begins so. */
export async function findRollout(
  { terminal }: Context,
  { store }: Rollouts,
  named: string | undefined,
): Promise<Result<string, ExitCode>> {
  const names = (await store.list()).map(({ rollout }) => rollout)
  const [newest] = names
  if (newest === undefined) {
    terminal.say('timeball: there was no rollout yet')
    return fail(exitCodes.usage)
  }
  if (named === undefined) return ok(newest)
  const found = names.includes(named) ? [named] : names.filter((name) => name.startsWith(named))
  const [only] = found
  if (only !== undefined && found.length === 1) return ok(only)
  const what =
    found.length > 1 ? `${found.length} rollouts begin with ${named}` : `no rollout ${named}`
  return fail(refuse(terminal, [usageProblem(what, didYouMean(named, names))]))
}

export function didYouMean(word: string, names: readonly string[]): string | null {
  const name = nearest(word, names)
  return name === null ? null : `did you mean ${name}?`
}
