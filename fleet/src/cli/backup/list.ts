/** `timeball backup list`, `show` and `diff`: what there is, and what is in it. */
import type { Result } from '@timeball/lib/result.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { readBackup } from '../../app/backup/read-backup.ts'
import { diffManifests, type Manifest } from '../../core/backup/manifest.ts'
import type { KeptBackup } from '../../ports/backup-store.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { findBackup, openBackups, sayBackupFailure, type OpenedBackups } from './open-backups.ts'
import { recordOf } from './run.ts'
import { showBackups, sizeText, timeText, type BackupRow } from './rows.ts'

export async function listBackups(
  context: Context,
  subject: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  const opened = await openBackups(context, options)
  if (!opened.ok) return opened.failure
  const { store, backups } = opened.value
  const rows = backups
    .filter((backup) => subject === undefined || backup.subject === subject)
    .map(rowOf)
  const records = await openRecords(context, options.json)
  for (const row of rows) records?.write(recordOf(row))
  if (records !== null) return records.result(exitCodes.done, {})
  if (rows.length === 0) {
    const whose = subject === undefined ? 'nothing' : `nothing of ${subject}`
    context.terminal.say(`timeball: ${store.name} has ${whose}; timeball backup run makes backups`)
  }
  showBackups(context, rows)
  return exitCodes.done
}

export function rowOf({ subject, ...kept }: KeptBackup): BackupRow {
  return { device: subject, ...kept, files: null, failure: null }
}

interface Opened extends OpenedBackups {
  readonly backup: KeptBackup
  readonly manifest: Manifest
}

async function open(
  context: Context,
  opened: OpenedBackups,
  text: string,
): Promise<Result<Opened, ExitCode>> {
  const found = findBackup(context, opened.backups, text)
  if (!found.ok) return found
  const read = await readBackup(opened.store, found.value.id)
  if (!read.ok) return { ok: false, failure: sayBackupFailure(context, read.failure) }
  return { ok: true, value: { ...opened, backup: found.value, manifest: read.value.manifest } }
}

export async function showBackup(
  context: Context,
  text: string,
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const backups = await openBackups(context, options)
  if (!backups.ok) return backups.failure
  const opened = await open(context, backups.value, text)
  if (!opened.ok) return opened.failure
  const { manifest, backup } = opened.value
  const records = await openRecords(context, options.json)
  if (records !== null) {
    records.write(recordOf({ ...rowOf(backup), files: manifest.files.length }))
    for (const { path, mode, size_bytes: bytes, sha256 } of manifest.files) {
      records.write({ type: 'backup_file', path, mode: octal(mode), bytes, sha256 })
    }
    for (const left of manifest.left_out) records.write({ type: 'backup_left_out', ...left })
    return records.result(exitCodes.done, {})
  }
  terminal.out(`${backup.subject}, ${timeText(backup.takenAtUnixMs)}, backup ${backup.id}`)
  for (const { path, mode, size_bytes: bytes } of manifest.files) {
    terminal.out(`  ${octal(mode)} ${sizeText(bytes).padStart(9)}  ${path}`)
  }
  for (const { what, how_back: back } of manifest.left_out) {
    terminal.out(`  left out: ${what}: ${back}`)
  }
  return exitCodes.done
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

const signs = { added: '+', removed: '-', changed: '~', mode: 'm' } as const

export async function diffBackups(
  context: Context,
  [older, newer]: readonly [string, string],
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const backups = await openBackups(context, options)
  if (!backups.ok) return backups.failure
  const before = await open(context, backups.value, older)
  if (!before.ok) return before.failure
  const after = await open(context, backups.value, newer)
  if (!after.ok) return after.failure
  const changes = diffManifests(before.value.manifest, after.value.manifest)
  const records = await openRecords(context, options.json)
  for (const each of changes) records?.write({ type: 'backup_change', ...each })
  if (records !== null) return records.result(exitCodes.done, {})
  for (const { path, change } of changes) terminal.out(`${signs[change]} ${path}`)
  if (changes.length === 0) terminal.say('timeball: they have the same files')
  return exitCodes.done
}
