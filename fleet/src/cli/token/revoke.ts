/** `timeball token revoke`: nobody is answered for it any more. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { tokenRecord } from '../../api/records/token-record.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import type { Context, FleetOptions } from '../context.ts'
import { noteBy } from '../../app/operate/note-act.ts'
import { withAccess } from '../open-access.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'

export async function revokeCommand(
  context: Context,
  name: string,
  options: FleetOptions,
): Promise<ExitCode> {
  return await withAccess(context, options, async (store) => {
    const tokens = await store.tokens()
    const found = tokens.find((token) => token.name === name)
    if (found === undefined || !(await store.removeToken(name))) {
      const names = tokens.map((token) => token.name)
      const meant = nearest(name, names)
      const fix = meant === null ? 'timeball token list' : `Did you mean ${meant}?`
      return refuse(context.terminal, [usageProblem(`there is no token ${name}`, fix)])
    }
    await noteBy(context, store, { action: 'token.revoke', what: name, result: 'done' })
    const records = await openRecords(context, options.json)
    if (records !== null) {
      records.write(tokenRecord(found))
      return records.result(exitCodes.done, {})
    }
    context.terminal.say(`timeball: the token ${name} is refused from now on`)
    return exitCodes.done
  })
}
