/** `timeball audit list`: the newest lines of the log. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { parseAuditLine, type AuditLine } from '../../core/controller/audit.ts'
import { formatTable, type Column } from '../../core/table.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withAccess } from '../open-access.ts'
import { openRecords } from '../records.ts'

export interface ListOptions extends FleetOptions {
  readonly newest: number
}

export async function listCommand(context: Context, options: ListOptions): Promise<ExitCode> {
  const { terminal } = context
  return await withAccess(context, options, async (store) => {
    const texts = await store.lines({ most: options.newest })
    const lines = texts.flatMap((text) => parseAuditLine(text) ?? [])
    const unread = texts.length - lines.length
    if (unread > 0) terminal.say(`timeball: ${unread} lines cannot be read: timeball audit verify`)
    const records = await openRecords(context, options.json)
    if (records !== null) {
      for (const line of lines) records.write({ type: 'audit_line', ...line })
      return records.result(exitCodes.done, {})
    }
    if (lines.length === 0) terminal.say('timeball: nothing was changed from here yet')
    else for (const line of formatTable(lines, columns, terminal)) terminal.out(line)
    return exitCodes.done
  })
}

const columns: readonly Column<AuditLine>[] = [
  column('SEQ', ({ seq }) => String(seq)),
  column('TIME', ({ at_unix_ms: at }) => new Date(at).toISOString().slice(0, 19)),
  column('WHO', ({ who }) => printable(who)),
  column('FROM', ({ from }) => printable(from)),
  column('DID', ({ action }) => printable(action)),
  { ...column('TO', ({ what }) => printable(what)), shrink: true },
  column('', ({ result }) => printable(result)),
]

function column(title: string, cell: (line: AuditLine) => string): Column<AuditLine> {
  return { title, align: 'left', shrink: false, cell }
}
