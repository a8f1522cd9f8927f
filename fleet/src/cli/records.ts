/** The `--json` stream: first a version record, last a result record, one object a line. */
import { resultRecord } from '../api/records/make-records.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { OutputRecord } from '../api/records/records.ts'
import type { OutputError, ResultFields } from '../api/records/result-record.ts'
import { troubleOf } from '../api/trouble.ts'
import type { Context } from './context.ts'
import { sayTrouble } from './say-trouble.ts'
import type { Shell } from './shell.ts'
import type { Terminal } from './terminal.ts'

export interface Records {
  write(record: OutputRecord): void
  result(exit: ExitCode, fields: ResultFields): ExitCode
}

/** `null` when the command was not asked for JSON. */
export async function openRecords(
  { terminal, version }: Pick<Shell, 'terminal' | 'version'>,
  json: boolean | undefined,
): Promise<Records | null> {
  if (json !== true) return null
  const writeRecord = await recordWriter(terminal)
  writeRecord({ type: 'version', timeball: version, ui: '1.0' })
  const failures = new Map<string, OutputError>()
  return {
    write(record) {
      noteFailure(failures, record)
      writeRecord(record)
    },
    result(exit, fields) {
      const { errors = allErrors(terminal, exit, failures), ...others } = fields
      const all = errors.length === 0 ? others : { ...others, errors }
      writeRecord(resultRecord(exit, all))
      return exit
    },
  }
}

/** The last word of each device counts. */
function noteFailure(failures: Map<string, OutputError>, record: OutputRecord): void {
  if (record.type === 'unplanned') {
    const { device, code, message, hint } = record
    failures.set(device, { code, message, hint, device })
  } else if (
    record.type === 'observed' ||
    record.type === 'device' ||
    record.type === 'reseated' ||
    record.type === 'retired'
  ) {
    const { device, failure } = record
    if (failure === null) failures.delete(device)
    else failures.set(device, { ...failure, device })
  }
}

function allErrors(
  terminal: Terminal,
  exit: ExitCode,
  failures: ReadonlyMap<string, OutputError>,
): readonly OutputError[] {
  if (exit === exitCodes.done || failures.size === 0) return errorsOf(terminal, exit)
  return [...(terminal.heard?.errors ?? []), ...failures.values()]
}

/**
 * The one writer. What is not as the contract says is a mistake of ours: it is said, and written
 * all the same, because an operation on devices must not end for it.
 */
async function recordWriter(terminal: Terminal): Promise<(record: OutputRecord) => void> {
  const { recordSchema } = await import('../api/records/records.ts')
  return (record) => {
    const checked = recordSchema.safeParse(record)
    if (!checked.success)
      terminal.say(`timeball: a record is not as docs/json.md says: ${checked.error.message}`)
    terminal.out(JSON.stringify(checked.success ? checked.data : record))
  }
}

function isResult(line: string | null): boolean {
  return line?.startsWith('{"type":"result"') ?? false
}

/** Who asked for JSON gets one result, also from a command that refused or failed before its own. */
export async function withResult(
  shell: Shell,
  work: (shell: Shell) => Promise<number>,
): Promise<number> {
  let last: string | null = null
  const heard = { errors: [], said: [] }
  const terminal: Terminal = {
    ...shell.terminal,
    heard,
    out(line) {
      last = line
      shell.terminal.out(line)
    },
    say(line) {
      terminal.heard?.said.push(line)
      shell.terminal.say(line)
    },
  }
  const open = async (): Promise<Context> => ({ ...(await shell.open()), terminal })
  const end = async (code: ExitCode): Promise<ExitCode> => {
    if (last === null) {
      const records = await openRecords({ ...shell, terminal }, true)
      return records?.result(code, {}) ?? code
    }
    if (!isResult(last)) {
      const write = await recordWriter(terminal)
      write(resultRecord(code, { errors: errorsOf(terminal, code) }))
    }
    return code
  }
  try {
    const exit = await work({ ...shell, terminal, open })
    if (isResult(last) || exit === exitCodes.done) return exit
    return await end(Object.values(exitCodes).find((each) => each === exit) ?? exitCodes.failed)
  } catch (error) {
    const trouble = troubleOf(error)
    sayTrouble(terminal, trouble)
    const { code, message, hint } = trouble
    terminal.heard?.errors.push({ code, message, hint })
    return await end(exitCodes.failed)
  }
}

/** `null`: progress, or a part of a message. commander begins its own with `error:`. */
function messageIn(line: string): string | null {
  return /^(?:timeball|error): (.*)/.exec(line)?.[1] ?? null
}

/** What was refused; else what was said to people, as far as the command did not do its work. */
function errorsOf({ heard }: Terminal, exit: ExitCode): readonly OutputError[] {
  if (heard === undefined || exit === exitCodes.done || exit === exitCodes.differences) return []
  if (heard.errors.length > 0) return heard.errors
  const [code = 'failed'] = Object.entries(exitCodes).find(([, each]) => each === exit) ?? []
  return heard.said.flatMap((line, index) => {
    const said = messageIn(line)
    if (said === null) return []
    const next = heard.said[index + 1]
    const hint = next?.startsWith('    ') === true ? next.trim() : null
    return [{ code: snakeCase(code), message: said, hint }]
  })
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
