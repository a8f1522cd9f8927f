/** Tokens and the audit log of a fleet, opened for a command: trouble with them is told in words. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { AccessStore } from '../ports/access-store.ts'
import type { Context, FleetOptions } from './context.ts'
import { refuse } from './problems.ts'

/** Closed when `work` has ended. */
export async function withAccess(
  context: Context,
  options: FleetOptions,
  work: (store: AccessStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const opened = await openAccess(context, options)
  if (!opened.ok) return opened.failure
  try {
    return await work(opened.value)
  } finally {
    await opened.value.close()
  }
}

async function openAccess(
  context: Context,
  options: FleetOptions,
): Promise<Result<AccessStore, ExitCode>> {
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(context.terminal, loaded.failure))
  const opened = await context.openAccess(loaded.value)
  if (opened.ok) return opened
  context.terminal.say(`timeball: ${formatProblem(opened.failure)}`)
  return fail(exitCodes.failed)
}
