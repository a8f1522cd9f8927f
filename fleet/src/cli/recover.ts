/** `timeball recover`: a damaged state is made anew, and what cannot be known any more is said. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { counted } from '../core/rollout/show/event-line.ts'
import type { Recovered } from '../ports/recovery.ts'
import type { Context, FleetOptions } from './context.ts'
import { refuse } from './problems.ts'
import { openRecords } from './records.ts'
import { sayRefusal } from './refusals.ts'
import { formatProblem } from '@timeball/lib/problem.ts'

export async function recoverCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  const { terminal } = context
  const records = await openRecords(context, options.json)
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const recovery = await context.recoverState(loaded.value)
  if (!recovery.ok) {
    terminal.say(`timeball: ${formatProblem(recovery.failure)}`)
    return exitCodes.failed
  }
  const found = recovery.value
  if (found.kind === 'busy') return sayRefusal(terminal, { kind: 'claimed', holder: found.holder })
  if (records !== null) {
    return records.result(exitCodes.done, {
      recovery: found.kind === 'sound' ? null : recoveryFields(found),
    })
  }
  const lines = found.kind === 'sound' ? ['nothing is wrong with state.db'] : linesOf(found)
  for (const line of lines) terminal.out(line)
  return exitCodes.done
}

function recoveryFields({ keptAt, blockedAgain, rollouts, blocked, torn, lost }: Recovered) {
  const lists = { torn: [...torn], lost: [...lost], blocked_again: [...blockedAgain] }
  return { kept_at: keptAt, rollouts, blocked, ...lists }
}

function linesOf({ keptAt, rollouts, torn, blocked, blockedAgain, lost }: Recovered): string[] {
  return [
    `state.db was made anew, with ${counted(rollouts, 'rollout')} and ${counted(blocked, 'blocked release')}`,
    `the damaged one is kept: ${keptAt}`,
    ...torn.map((rollout) => `lost: events of ${rollout}; see timeball rollout show ${rollout}`),
    ...lost.map((what) => `lost: ${what}`),
    ...blockedAgain.map((image) => `blocked again: ${image}`),
    ...(blockedAgain.length === 0 ? [] : ['when one may be applied: timeball rollout unblock']),
  ]
}
