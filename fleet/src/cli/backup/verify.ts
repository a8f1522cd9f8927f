/** `timeball backup verify` and `prune`: what is good, and what may go. */
import { ok, type Result } from '@timeball/lib/result.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { checkBackups, type Checked } from '../../app/backup/check-backups.ts'
import { expired } from '../../core/backup/retention.ts'
import type { DataPart } from '../../ports/backup-store.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { rowOf } from './list.ts'
import { keepGood, keepMemory, readMemory } from './memory-file.ts'
import { openBackups, sayBackupFailure } from './open-backups.ts'
import { recordOf } from './run.ts'
import { showBackups, sizeText, type BackupRow } from './rows.ts'

export interface VerifyOptions extends FleetOptions {
  readonly readData?: boolean
  readonly rotate?: boolean
}

export async function verifyBackups(context: Context, options: VerifyOptions): Promise<ExitCode> {
  const { terminal } = context
  const opened = await openBackups(context, options)
  if (!opened.ok) return opened.failure
  const { store, loaded } = opened.value
  const data = await partOf(context, loaded, options)
  const checked = await checkBackups(store, data)
  if (!checked.ok) return sayBackupFailure(context, checked.failure)
  const { backups, damaged, mistakes, bytes, unopened } = checked.value
  await keepGood(context, loaded, backups, new Set(damaged.keys()))
  if (options.rotate === true) {
    await keepMemory(context, loaded, (known) => ({ ...known, parts_read: known.parts_read + 1 }))
  }
  const rows = backups.map((backup): BackupRow => ({
    ...rowOf(backup),
    failure: wrongWith(backup.id, checked.value),
  }))
  const bad = rows.filter(({ failure }) => failure !== null)
  const exit = bad.length === 0 && mistakes.length === 0 ? exitCodes.done : exitCodes.failed
  for (const mistake of mistakes) terminal.say(`timeball: ${mistake}`)
  if (unopened !== null) terminal.say(`timeball: none was opened: ${unopened.detail}`)
  const records = await openRecords(context, options.json)
  for (const row of rows) records?.write(recordOf(row))
  if (records !== null) return records.result(exit, {})
  showBackups(context, bad)
  terminal.say(
    `timeball: ${rows.length - bad.length} of ${rows.length} are good${readText(data, bytes)}`,
  )
  return exit
}

function readText(data: DataPart | null, bytes: number | null): string {
  return data === null || bytes === null ? '' : `, ${sizeText(bytes)} of data read`
}

/** `null`: only that all is there. */
async function partOf(
  context: Context,
  loaded: LoadedFleet,
  { readData, rotate }: VerifyOptions,
): Promise<DataPart | null> {
  if (readData === true) return { part: 0, of: 1 }
  if (rotate !== true) return null
  const of = loaded.fleet.settings.backup.read_data_parts
  const { parts_read: count } = await readMemory(context, loaded)
  return { part: count % of, of }
}

function wrongWith(id: string, { damaged }: Checked): BackupRow['failure'] {
  const message = damaged.get(id)
  if (message === undefined) return null
  return { code: 'damaged', message, hint: 'timeball backup run makes a new one' }
}

export interface PruneOptions extends FleetOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
}

/** What is damaged counts for nothing, so all is looked at first. */
export async function pruneBackups(context: Context, options: PruneOptions): Promise<ExitCode> {
  const { terminal } = context
  const opened = await openBackups(context, options)
  if (!opened.ok) return opened.failure
  const { store, loaded } = opened.value
  const checked = await checkBackups(store, null)
  if (!checked.ok) return sayBackupFailure(context, checked.failure)
  const { backups, damaged } = checked.value
  const gone = expired(backups, loaded.fleet.settings.backup.keep, new Set(damaged.keys()))
  const records = await openRecords(context, options.json)
  const tell = (exit: ExitCode, removed: ReadonlySet<string>): ExitCode => {
    const kept = backups.length - removed.size
    records?.write({ type: 'backup_pruned', removed: [...removed], kept })
    if (records === null) terminal.say(`timeball: ${removed.size} removed, ${kept} kept`)
    return records?.result(exit, {}) ?? exit
  }
  if (gone.size === 0) return tell(exitCodes.done, gone)
  if (records === null) showBackups(context, backups.filter(({ id }) => gone.has(id)).map(rowOf))
  if (options.dryRun === true) return tell(exitCodes.done, new Set())
  const answer = await mayRemove(context, gone.size, options)
  if (!answer.ok) return answer.failure
  const removed = await store.remove(gone)
  return removed.ok ? tell(exitCodes.done, gone) : sayBackupFailure(context, removed.failure)
}

async function mayRemove(
  { terminal }: Context,
  count: number,
  { yes }: PruneOptions,
): Promise<Result<null, ExitCode>> {
  if (yes === true) return ok(null)
  const answer = await terminal.confirm(`Remove ${count === 1 ? '1 backup' : `${count} backups`}?`)
  if (answer === true) return ok(null)
  if (answer === false) return { ok: false, failure: exitCodes.declined }
  const what = 'backup prune needs an answer, and nobody can be asked here'
  return { ok: false, failure: refuse(terminal, [usageProblem(what, 'add --yes')]) }
}
