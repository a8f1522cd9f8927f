/** The `--json` stream: first a version record, last a result record, one object a line. */
import type { ExitCode } from '../api/exit-codes.ts'
import type { Context } from './context.ts'

export interface Records {
  write(record: Readonly<Record<string, unknown>>): void
  result(exit: ExitCode, fields: Readonly<Record<string, unknown>>): ExitCode
}

/** `null` when the command was not asked for JSON. */
export function openRecords(
  { terminal, version }: Context,
  json: boolean | undefined,
): Records | null {
  if (json !== true) return null
  const write: Records['write'] = (record) => terminal.out(JSON.stringify(record))
  write({ type: 'version', timeball: version, ui: '1.0' })
  return {
    write,
    result(exit, fields) {
      write({ type: 'result', status: statusOf(exit), exit, ...fields })
      return exit
    },
  }
}

function statusOf(exit: ExitCode): 'ok' | 'partial' | 'failed' {
  if (exit === 0 || exit === 2) return 'ok'
  return exit === 3 ? 'partial' : 'failed'
}
