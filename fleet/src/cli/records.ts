/** The `--json` stream: first a version record, last a result record, one object a line. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { troubleOf, type Trouble } from '../api/trouble.ts'
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

/** Who asked for JSON gets one result, also from a command that refused or failed before its own. */
export async function withResult(
  shell: Shell,
  work: (shell: Shell) => Promise<number>,
): Promise<number> {
  let last: string | null = null
  const terminal: Terminal = {
    ...shell.terminal,
    out(line) {
      last = line
      shell.terminal.out(line)
    },
  }
  const open = async (): Promise<Context> => ({ ...(await shell.open()), terminal })
  try {
    const exit = await work({ ...shell, terminal, open })
    if (last !== null || exit === exitCodes.done) return exit
    const code = Object.values(exitCodes).find((each) => each === exit) ?? exitCodes.failed
    return openRecords(shell, true)?.result(code, {}) ?? code
  } catch (error) {
    const trouble = troubleOf(error)
    sayTrouble(terminal, trouble)
    if (last === null) openRecords(shell, true)
    if (!isResult(last)) terminal.out(JSON.stringify(troubleRecord(trouble)))
    return exitCodes.failed
  }
}

function isResult(line: string | null): boolean {
  return line?.startsWith('{"type":"result"') ?? false
}

/** For people. A mistake of ours comes with its stack. */
export function sayTrouble(terminal: Terminal, { message, hint, stack }: Trouble): void {
  terminal.say(`timeball: ${message}`)
  if (hint !== null) terminal.say(`    ${hint}`)
  for (const line of stack?.split('\n').slice(1) ?? []) terminal.say(line)
}

/** The end of a JSON stream whose command could not end it. */
export function troubleRecord({ code, message, hint }: Trouble): Readonly<Record<string, unknown>> {
  const error = { code, message, hint }
  return { type: 'result', status: 'failed', exit: exitCodes.failed, error }
}

function statusOf(exit: ExitCode): 'ok' | 'partial' | 'failed' {
  if (exit === 0 || exit === 2) return 'ok'
  return exit === 3 ? 'partial' : 'failed'
}
