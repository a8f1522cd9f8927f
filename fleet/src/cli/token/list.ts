/** `timeball token list`: who has one, and when it was used last. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { tokenRecord } from '../../api/records/token-record.ts'
import type { Token } from '../../core/controller/token.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withAccess } from '../open-access.ts'
import { openRecords } from '../records.ts'

export async function listCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  return await withAccess(context, options, async (store) => {
    const tokens = await store.tokens()
    const records = await openRecords(context, options.json)
    if (records !== null) {
      for (const token of tokens) records.write(tokenRecord(token))
      return records.result(exitCodes.done, {})
    }
    const { terminal } = context
    if (tokens.length === 0) terminal.say('timeball: there are no tokens: timeball token create')
    else {
      const columns = columnsAt(context.nowUnixMs())
      for (const line of formatTable(tokens, columns, terminal)) terminal.out(line)
    }
    return exitCodes.done
  })
}

function columnsAt(now: number): readonly Column<Token>[] {
  return [
    column('NAME', ({ name }) => name),
    column('ROLE', ({ role }) => role),
    column('MADE BY', ({ createdBy }) => createdBy),
    column('ENDS', ({ expiresUnixMs: end }) =>
      end <= now ? { text: 'has ended', tone: 'warn' } : `in ${formatSpan(end - now)}`,
    ),
    column('USED', ({ usedUnixMs: used }) =>
      used === null ? 'never' : `${formatSpan(now - used)} ago`,
    ),
  ]
}

function column(title: string, cell: Column<Token>['cell']): Column<Token> {
  return { title, align: 'left', shrink: false, cell }
}
