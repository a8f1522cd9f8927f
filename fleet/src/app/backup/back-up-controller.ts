/** The backup of this machine. */
import { ok, type Result } from '@timeball/lib/result.ts'
import type { LeftOut } from '../../core/backup/manifest.ts'
import type { BackupFailure, BackupStore } from '../../ports/backup-store.ts'
import type { Fetched } from './fetch-device.ts'
import { largestBackup, packing } from './pack.ts'

export const controllerSubject = 'controller'

export interface ControllerBackup {
  readonly content: AsyncIterable<Uint8Array>
  readonly leftOut: readonly LeftOut[]
  readonly store: BackupStore
  readonly takenAtUnixMs: number
  /** Of Timeball. */
  readonly version: string
}

export async function backUpController({
  content,
  leftOut,
  store,
  takenAtUnixMs,
  version,
}: ControllerBackup): Promise<Result<Fetched, BackupFailure>> {
  const about = { subject: controllerSubject, takenAtUnixMs }
  const begun = await store.begin(about)
  if (!begun.ok) return begun
  const writer = begun.value
  const pack = packing({ ...about, writer, bounds: largestBackup, version })
  try {
    for await (const part of content) await pack.push(part)
    const manifest = await pack.finish(leftOut)
    const kept = await writer.commit()
    return kept.ok ? ok({ kept: kept.value, manifest }) : kept
  } catch (error) {
    await writer.abandon()
    throw error
  }
}
