/**
 * Where backups are kept. A store knows nothing of what is in them: archives come in parts and go out
 * as they came. Nothing of them is ever on a disk in clear. Every store passes
 * `backup-store.contract.ts`.
 */
import type { Result } from '@timeball/lib/result.ts'

export interface BackupFailure {
  /** `unavailable`: the store cannot be used as it is. `damaged`: what it kept is not what it got. */
  readonly code: 'unavailable' | 'missing' | 'damaged'
  /** Printable, without any content. */
  readonly detail: string
  /** What to do; `null`: the detail says it all. */
  readonly hint: string | null
}

export interface BackupAbout {
  /** A device, or `controller`. */
  readonly subject: string
  readonly takenAtUnixMs: number
}

export interface KeptBackup extends BackupAbout {
  /** Hexadecimal. */
  readonly id: string
  /** Of the archive; `null`: the store does not tell. */
  readonly bytes: number | null
}

/** One backup on its way in. Either `commit` or `abandon` ends it. */
export interface BackupWriter {
  /**
   * The next part of the archive; a store that can keeps parts that are the same once. Rejects when
   * it cannot be kept.
   */
  write(part: Uint8Array): Promise<void>
  /** Only now there is a backup. */
  commit(): Promise<Result<KeptBackup, BackupFailure>>
  /** There is none. */
  abandon(): Promise<void>
}

/** Which of all bytes are read: part `part` of `of` parts, counted from 0. */
export interface DataPart {
  readonly part: number
  readonly of: number
}

export interface Verified {
  /** Each with what is wrong, as a sentence. */
  readonly damaged: ReadonlyMap<string, string>
  /** What is wrong with the store itself. */
  readonly mistakes: readonly string[]
  /** That were read; `null`: the store does not tell. */
  readonly bytes: number | null
}

export interface BackupStore {
  /** For people. */
  readonly name: string
  /** What should be known of it, such as that only one recipient can read it. */
  readonly notes: readonly string[]
  begin(about: BackupAbout): Promise<Result<BackupWriter, BackupFailure>>
  /** Oldest first. A store that was never written to has none. */
  list(): Promise<Result<readonly KeptBackup[], BackupFailure>>
  /** In order; each part is awaited. What `visit` throws goes through. */
  read(id: string, visit: (part: Uint8Array) => Promise<void>): Promise<Result<null, BackupFailure>>
  /** That all is there; with `data` also that these bytes are what was kept. */
  verify(data: DataPart | null): Promise<Result<Verified, BackupFailure>>
  /** These backups, and what only they needed. */
  remove(ids: ReadonlySet<string>): Promise<Result<null, BackupFailure>>
}
