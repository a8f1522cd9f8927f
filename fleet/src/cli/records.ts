/** The `--json` stream: first a version record, last a result record, one object a line. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { Context } from './context.ts'
import type { Shell } from './shell.ts'
import type { Terminal } from './terminal.ts'

export interface Records {
  write(record: Readonly<Record<string, unknown>>): void
  result(exit: ExitCode, fields: Readonly<Record<string, unknown>>): ExitCode
}

/** `null` when the command was not asked for JSON. */
export function openRecords(
  { terminal, version }: Pick<Shell, 'terminal' | 'version'>,
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
  shell: Shell,
  work: (shell: Shell) => Promise<number>,
): Promise<number> {
  let isSilent = true
  const terminal: Terminal = {
    ...shell.terminal,
    out(line) {
      isSilent = false
      shell.terminal.out(line)
    },
  }
  const open = async (): Promise<Context> => ({ ...(await shell.open()), terminal })
  const exit = await work({ ...shell, terminal, open })
  if (!isSilent || exit === exitCodes.done) return exit
  const code = Object.values(exitCodes).find((each) => each === exit) ?? exitCodes.failed
  return openRecords(shell, true)?.result(code, {}) ?? code
}

function statusOf(exit: ExitCode): 'ok' | 'partial' | 'failed' {
  if (exit === 0 || exit === 2) return 'ok'
  return exit === 3 ? 'partial' : 'failed'
}
