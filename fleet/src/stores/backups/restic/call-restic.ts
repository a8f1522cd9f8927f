/** Runs restic(1), and says in words what it could not do. */
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { runProcess, type ProcessEnd, type RunProcess } from '@timeball/lib/run-process.ts'
import type { BackupFailure } from '../../../ports/backup-store.ts'

export interface ResticOptions {
  /** As restic has it: a folder, `sftp:…`, `s3:…`. */
  readonly repository: string
  /** `null`: restic finds it in its own environment. */
  readonly passwordFile: string | null
  readonly signal: AbortSignal
  readonly run?: RunProcess
}

/** A night; a repository far away is slow. */
const timeoutMs = 8 * 3_600_000

export interface ResticRun {
  readonly args: readonly string[]
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Without it the output is gathered. */
  readonly onStdout?: (chunk: Buffer) => Promise<'more'>
}

/** What it said on standard output. */
export type CallRestic = (run: ResticRun) => Promise<Result<string, BackupFailure>>

export function resticCall({
  repository,
  passwordFile,
  signal,
  run = runProcess,
}: ResticOptions): CallRestic {
  const global = [
    ...['--json', '--quiet', '--repo', repository],
    ...(passwordFile === null ? [] : ['--password-file', passwordFile]),
  ]
  return async ({ args, stdin, onStdout }) => {
    const output: Buffer[] = []
    const ended = await run({
      file: 'restic',
      args: [...global, ...args],
      stdin: stdin ?? new Uint8Array(),
      timeoutMs,
      signal,
      onStdout:
        onStdout ??
        ((chunk) => {
          output.push(chunk)
          return 'more'
        }),
    })
    const said = Buffer.concat(output).toString('utf8')
    return ended.kind === 'exited' && ended.code === 0 ? ok(said) : fail(failureOf(ended))
  }
}

/** There is no repository yet. */
export function isNotThere({ detail }: BackupFailure): boolean {
  return /Is there a repository at|repository does not exist|config file does not exist/i.test(
    detail,
  )
}

function failureOf({ kind, code, stderr }: ProcessEnd): BackupFailure {
  if (kind === 'not-started') {
    const hint = 'Debian: apt install restic; or backup: { store: age } in fleet.yaml'
    return { code: 'unavailable', detail: 'there is no program restic here', hint }
  }
  if (kind === 'aborted')
    return { code: 'unavailable', detail: 'restic was called off', hint: null }
  const why = printable(stderr.trim().replaceAll(/\s+/g, ' '), 300)
  if (/wrong password|no key found/.test(why)) {
    const hint = 'name the right one: backup.password_file'
    return { code: 'unavailable', detail: 'restic: the password is wrong', hint }
  }
  if (/unable to open repo|empty password|resolving password/i.test(why)) {
    const hint = 'backup.password_file in fleet.yaml, or RESTIC_PASSWORD_FILE, names its password'
    if (/password/i.test(why)) return { code: 'unavailable', detail: `restic: ${why}`, hint }
  }
  return { code: 'unavailable', detail: `restic ended with ${code ?? kind}: ${why}`, hint: null }
}
