/** What each schedule does: the command that an operator would give, heard instead of shown. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { troubleOf } from '../../api/trouble.ts'
import type { Outcome } from '../../app/schedules/run-schedule.ts'
import type { ScheduleName } from '../../core/schedules/schedule.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Context, FleetOptions } from '../context.ts'
import { filesOf, lastSaid, unseen } from '../hear.ts'

type Command = (context: Context, options: FleetOptions) => Promise<ExitCode>

const commands: Readonly<Record<ScheduleName, Command>> = {
  async drift(context, options) {
    const { driftCommand } = await import('../ask/drift.ts')
    return await driftCommand(context, undefined, { ...options, detailedExitcode: true })
  },
  async backup(context, options) {
    const { runBackup } = await import('../backup/run.ts')
    const exit = await runBackup(context, undefined, options)
    if (exit === exitCodes.done) {
      context.terminal.say('timeball: the controller and all devices are backed up')
    }
    return exit
  },
  async verify(context, options) {
    const { verifyBackups } = await import('../backup/verify.ts')
    return await verifyBackups(context, { ...options, rotate: true })
  },
  async drill(context, options) {
    const { drillBackups } = await import('../backup/drill.ts')
    return await drillBackups(context, undefined, options)
  },
  async keys(context, options) {
    const { checkKeyAge } = await import('./check-key-age.ts')
    return await checkKeyAge(context, options)
  },
}

const longest = 300

/** Nothing but exit 0 is good: what was looked for was found, or could not be looked for. */
export async function workOf(
  name: ScheduleName,
  context: Context,
  options: FleetOptions,
): Promise<Outcome> {
  const { context: heard, lines } = unseen(context)
  try {
    const exit = await commands[name](heard, filesOf(options))
    const message = printable(lastSaid(lines), longest)
    if (exit === exitCodes.done) return { outcome: 'good', message }
    return { outcome: context.stop.aborted ? 'interrupted' : 'failed', message }
  } catch (error) {
    return { outcome: 'failed', message: printable(troubleOf(error).message, longest) }
  }
}
