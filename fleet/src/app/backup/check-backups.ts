/** Which backups are good: the store's own word, and the newest one of each device opened. */
import { ok, type Result } from '@timeball/lib/result.ts'
import { lastOfEach } from '../../core/backup/retention.ts'
import type { BackupFailure, BackupStore, DataPart, KeptBackup } from '../../ports/backup-store.ts'
import { readBackup } from './read-backup.ts'

export interface Checked {
  readonly backups: readonly KeptBackup[]
  /** By id, with what is wrong. */
  readonly damaged: ReadonlyMap<string, string>
  /** Of the store itself. */
  readonly mistakes: readonly string[]
  /** Of data that was read; `null`: the store does not tell. */
  readonly bytes: number | null
  /** Why none could be opened, such as that the identity is elsewhere; `null`: they were. */
  readonly unopened: BackupFailure | null
}

export async function checkBackups(
  store: BackupStore,
  data: DataPart | null,
): Promise<Result<Checked, BackupFailure>> {
  const listed = await store.list()
  if (!listed.ok) return listed
  const verified = await store.verify(data)
  if (!verified.ok) return verified
  const backups = listed.value
  const damaged = new Map(verified.value.damaged)
  let unopened: BackupFailure | null = null
  for (const { id } of newestOf(backups)) {
    if (damaged.has(id)) continue
    const read = await readBackup(store, id)
    if (read.ok) continue
    if (read.failure.code === 'unavailable') {
      unopened = read.failure
      break
    }
    damaged.set(id, read.failure.detail)
  }
  return ok({ ...verified.value, backups, damaged, unopened })
}

function newestOf(backups: readonly KeptBackup[]): readonly KeptBackup[] {
  const last = lastOfEach(backups)
  return backups.filter(({ subject, takenAtUnixMs }) => last.get(subject) === takenAtUnixMs)
}
