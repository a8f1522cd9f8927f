/** `timeball backup drill`: a restore is rehearsed without a device. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { readBackup } from '../../app/backup/read-backup.ts'
import { drill, drilledPaths } from '../../core/backup/drill.ts'
import type { BackupStore, KeptBackup } from '../../ports/backup-store.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { readFleet } from '../start.ts'
import { rowOf } from './list.ts'
import { keepMemory } from './memory-file.ts'
import { sayBackupFailure } from './open-backups.ts'
import { recordOf } from './run.ts'
import { showBackups, type BackupRow } from './rows.ts'

/** Nothing of it is written anywhere: a drill that leaves keys on a disk is none. */
export async function drillBackups(
  context: Context,
  targets: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  const selected = await readFleet(context, targets, options)
  if (!selected.ok) return selected.failure
  const { loaded, devices } = selected.value
  const store = await context.openBackups(loaded)
  const listed = await store.list()
  if (!listed.ok) return sayBackupFailure(context, listed.failure)
  const rows: BackupRow[] = []
  for (const { name } of devices) {
    const newest = listed.value.findLast(({ subject }) => subject === name)
    rows.push(newest === undefined ? none(name) : await rehearse(context, store, newest))
    context.terminal.progress(`${rows.length}/${devices.length} rehearsed`)
  }
  context.terminal.progress('')
  const good = rows.filter(({ failure }) => failure === null).map(({ device }) => device)
  const now = context.nowUnixMs()
  await keepMemory(context, loaded, (memory) => ({
    ...memory,
    drill_unix_ms: {
      ...memory.drill_unix_ms,
      ...Object.fromEntries(good.map((name) => [name, now])),
    },
  }))
  const exit = good.length === rows.length ? exitCodes.done : exitCodes.devicesFailed
  const failed = rows.filter(({ failure }) => failure !== null).map(({ device }) => device)
  const records = await openRecords(context, options.json)
  for (const row of rows) records?.write(recordOf(row))
  if (records !== null) return records.result(exit, { failed })
  showBackups(context, rows)
  context.terminal.say(`timeball: ${good.length} of ${rows.length} could be restored`)
  return exit
}

function none(device: string): BackupRow {
  const failure = { code: 'missing', message: 'it has no backup', hint: 'timeball backup run' }
  return { device, id: null, takenAtUnixMs: null, bytes: null, files: null, failure }
}

async function rehearse(
  context: Context,
  store: BackupStore,
  backup: KeptBackup,
): Promise<BackupRow> {
  const opened = await readBackup(store, backup.id, (path) => drilledPaths.includes(path))
  if (!opened.ok) {
    const { code, detail: message, hint } = opened.failure
    return { ...rowOf(backup), failure: { code, message, hint } }
  }
  const { manifest, contents } = opened.value
  const { missing, notes } = drill(manifest, contents)
  for (const note of notes) context.terminal.say(`${backup.subject}: ${note}`)
  const row = { ...rowOf(backup), files: manifest.files.length }
  if (missing.length === 0) return row
  const message = missing.join('; ')
  return { ...row, failure: { code: 'incomplete', message, hint: 'timeball backup run' } }
}
