/** The `--json` stream: first a version record, last a result record, one object a line. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
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

/** Who asked for JSON gets a result also from a command that refused before it had begun. */
export async function withResult(
  context: Context,
  work: (context: Context) => Promise<number>,
): Promise<number> {
  let isSilent = true
  const out = (line: string): void => {
    isSilent = false
    context.terminal.out(line)
  }
  const exit = await work({ ...context, terminal: { ...context.terminal, out } })
  if (!isSilent || exit === exitCodes.done) return exit
  const code = Object.values(exitCodes).find((each) => each === exit) ?? exitCodes.failed
  return openRecords(context, true)?.result(code, {}) ?? code
}

function statusOf(exit: ExitCode): 'ok' | 'partial' | 'failed' {
  if (exit === 0 || exit === 2) return 'ok'
  return exit === 3 ? 'partial' : 'failed'
}
