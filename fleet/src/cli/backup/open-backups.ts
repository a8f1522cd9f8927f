/** The beginning that the commands on backups share, and how they refuse. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { BackupFailure, BackupStore, KeptBackup } from '../../ports/backup-store.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'

export interface OpenedBackups {
  readonly loaded: LoadedFleet
  readonly store: BackupStore
  /** Oldest first. */
  readonly backups: readonly KeptBackup[]
}

/** The failure is an exit code: what went wrong was said already. */
export async function openBackups(
  context: Context,
  options: FleetOptions,
): Promise<Result<OpenedBackups, ExitCode>> {
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(context.terminal, loaded.failure))
  const store = await context.openBackups(loaded.value)
  const listed = await store.list()
  if (!listed.ok) return fail(sayBackupFailure(context, listed.failure))
  return ok({ loaded: loaded.value, store, backups: listed.value })
}

export function sayBackupFailure(
  { terminal }: Pick<Context, 'terminal'>,
  { code, detail, hint }: BackupFailure,
): ExitCode {
  terminal.heard?.errors.push({ code, message: detail, hint })
  terminal.say(`timeball: ${detail}`)
  if (hint !== null) terminal.say(`    ${hint}`)
  return exitCodes.failed
}

/** A backup by the beginning of its id, or the newest of a device. */
export function findBackup(
  { terminal }: Pick<Context, 'terminal'>,
  backups: readonly KeptBackup[],
  text: string,
): Result<KeptBackup, ExitCode> {
  const newest = backups.findLast(({ subject }) => subject === text)
  if (newest !== undefined) return ok(newest)
  const isId = /^[0-9a-f]{4,}$/.test(text)
  const byId = isId ? backups.filter(({ id }) => id.startsWith(text)) : []
  const [only, ...others] = byId
  if (only !== undefined && others.length === 0) return ok(only)
  const what =
    others.length > 0
      ? `${text} begins several ids`
      : `there is no backup ${isId ? '' : 'of '}${text}`
  return fail(refuse(terminal, [usageProblem(what, 'timeball backup list')]))
}
