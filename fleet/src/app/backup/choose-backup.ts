/** Which backup a restore is made from. */
import { ok, type Result } from '@timeball/lib/result.ts'
import type { BackupFailure, BackupStore, KeptBackup } from '../../ports/backup-store.ts'
import { readBackup, type OpenedBackup } from './read-backup.ts'

export interface Choice {
  readonly subject: string
  /** The newest one until then. */
  readonly untilUnixMs: number
  /** Files whose content is needed. */
  readonly wants: (path: string) => boolean
  /** One that is damaged; an older one is tried. */
  readonly onPassedOver: (id: string, why: string) => void
}

export interface Chosen {
  readonly backup: KeptBackup
  readonly opened: OpenedBackup
}

/** `null`: there is no good one. */
export async function chooseBackup(
  store: BackupStore,
  { subject, untilUnixMs, wants, onPassedOver }: Choice,
): Promise<Result<Chosen | null, BackupFailure>> {
  const listed = await store.list()
  if (!listed.ok) return listed
  const own = listed.value.filter(
    (each) => each.subject === subject && each.takenAtUnixMs <= untilUnixMs,
  )
  for (const backup of own.toReversed()) {
    const opened = await readBackup(store, backup.id, wants)
    if (opened.ok && opened.value.manifest.subject === subject) {
      return ok({ backup, opened: opened.value })
    }
    if (!opened.ok && opened.failure.code === 'unavailable') return opened
    onPassedOver(backup.id, opened.ok ? 'it is of another one' : opened.failure.detail)
  }
  return ok(null)
}
