/** `timeball audit verify`: whether the log is what was written, line by line. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { auditMistakes, parseAuditLine, type AuditHead } from '../../core/controller/audit.ts'
import { counted } from '../../core/rollout/show/event-line.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withAccess } from '../open-access.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'

export interface VerifyOptions extends FleetOptions {
  readonly head?: AuditHead
}

export async function verifyCommand(
  context: Context,
  file: string | undefined,
  options: VerifyOptions,
): Promise<ExitCode> {
  if (file === undefined) {
    return await withAccess(context, options, async (store) => {
      const noted = await store.noted()
      const texts = await store.lines({ after: 0 })
      return await tell(context, options, { texts, noted })
    })
  }
  const read = await context.readText(file)
  if (!read.ok) return refuse(context.terminal, [read.failure])
  const texts = read.value.split('\n').filter((text) => text !== '')
  return await tell(context, options, { texts, noted: null })
}

interface Log {
  readonly texts: readonly string[]
  readonly noted: AuditHead | null
}

async function tell(
  context: Context,
  options: VerifyOptions,
  { texts, noted }: Log,
): Promise<ExitCode> {
  const { terminal } = context
  const own = auditMistakes(texts, noted)
  const given = options.head === undefined ? [] : auditMistakes(texts, options.head)
  const mistakes = [...new Set([...own, ...given])]
  const exit = mistakes.length === 0 ? exitCodes.done : exitCodes.failed
  const records = await openRecords(context, options.json)
  if (records !== null) {
    const errors = mistakes.map((message) => ({ code: 'audit', message, hint: null }))
    return records.result(exit, { errors })
  }
  for (const mistake of mistakes) terminal.out(mistake)
  if (mistakes.length > 0) {
    terminal.say(`timeball: ${counted(mistakes.length, 'mistake')} in the audit log`)
    return exit
  }
  const last = texts.at(-1)
  const line = last === undefined ? null : parseAuditLine(last)
  const head = line === null ? '' : `; note elsewhere: ${line.seq}:${line.hash}`
  terminal.out(`${counted(texts.length, 'line')}, all as they were written${head}`)
  return exit
}
