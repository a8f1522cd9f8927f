/** What the fleet remembers, opened for a command: trouble with it is told in words. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { Context, LoadedFleet } from './context.ts'

/** `change`: a store that can only be read will not do. Of a failure was told already. */
export async function openStore(
  context: Context,
  loaded: LoadedFleet,
  use: 'read' | 'change',
): Promise<Result<RolloutStore, ExitCode>> {
  const { terminal } = context
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) {
    terminal.say(`timeball: ${formatProblem(opened.failure)}`)
    if (opened.failure.fix === null) terminal.say(`    ${wayOn}`)
    return fail(exitCodes.failed)
  }
  const store = opened.value
  if (store.damage === null) return ok(store)
  terminal.say(`timeball: ${store.damage}; it is only read`)
  if (use === 'read') return ok(store)
  terminal.say(`    nothing was changed; ${wayOn}`)
  await store.close()
  return fail(exitCodes.failed)
}

const wayOn = 'timeball recover keeps it, and makes a new one out of what can still be read'

/** Rows of a journal that are broken are named; the rest is read without them. */
export async function sayUnreadable(
  { terminal }: Context,
  store: RolloutStore,
  rollout: string,
): Promise<void> {
  for (const { sequence, why } of await store.unreadable(rollout)) {
    terminal.say(`timeball: event ${sequence} of ${rollout} ${why}; the rest is read without it`)
  }
}
