/** What is in a backup, read as if somebody had tampered with it. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  archiveReader,
  faultText,
  type ArchiveBounds,
  type ArchiveEvent,
} from '../../core/backup/read-archive.ts'
import {
  manifestPath,
  parseManifest,
  type Manifest,
  type ManifestFile,
} from '../../core/backup/manifest.ts'
import { runningSha256 } from '../../core/hash/running-sha256.ts'
import type { BackupFailure, BackupStore } from '../../ports/backup-store.ts'
import { largestBackup, RefusedArchive } from './pack.ts'

export interface OpenedBackup {
  readonly manifest: Manifest
  /** Of those files that were wanted, by path. */
  readonly contents: ReadonlyMap<string, Uint8Array>
}

/** Files that are held in memory are no larger together. */
const mostHeldBytes = 512 * 1024 ** 2
const mostManifestBytes = 16 * 1024 ** 2

/** With the manifest, which packing adds. */
const bounds: ArchiveBounds = {
  ...largestBackup,
  members: largestBackup.members + 1,
  allBytes: largestBackup.allBytes + mostManifestBytes,
}

/**
 * Reads a backup to its end: every file has to be what the manifest says, and none may be there that
 * it does not name. `damaged` with the name of the member otherwise.
 */
export async function readBackup(
  store: BackupStore,
  id: string,
  wants: (path: string) => boolean = () => false,
): Promise<Result<OpenedBackup, BackupFailure>> {
  const gathering = gather((path) => path === manifestPath || wants(path))
  const reader = archiveReader(bounds)
  try {
    const read = await store.read(id, (part) => {
      const events = reader.push(part)
      if (!events.ok) return Promise.reject(new RefusedArchive(faultText(events.failure)))
      for (const event of events.value) gathering.take(event)
      return Promise.resolve()
    })
    if (!read.ok) return read
    const whole = reader.finish()
    if (!whole.ok) return damaged(faultText(whole.failure))
    return judge(gathering.end())
  } catch (error) {
    if (error instanceof RefusedArchive) return damaged(error.message)
    throw error
  }
}

interface Gathered {
  readonly hashes: ReadonlyMap<string, string>
  readonly contents: Map<string, Uint8Array>
}

function gather(wants: (path: string) => boolean) {
  const hashes = new Map<string, string>()
  const contents = new Map<string, Uint8Array>()
  let path: string | null = null
  let hash = runningSha256()
  let held: Uint8Array[] | null = null
  let heldBytes = 0

  function endMember(): void {
    if (path === null) return
    hashes.set(path, hash.hex())
    if (held !== null) contents.set(path, Buffer.concat(held))
    path = null
  }

  return {
    take(event: ArchiveEvent): void {
      if (event.kind === 'content') {
        hash.update(event.bytes)
        if (held !== null) held.push(Uint8Array.from(event.bytes))
        return
      }
      endMember()
      path = event.member.path
      hash = runningSha256()
      held = wants(path) ? [] : null
      heldBytes += held === null ? 0 : event.member.sizeBytes
      const isManifestLarge = path === manifestPath && event.member.sizeBytes > mostManifestBytes
      if (isManifestLarge || heldBytes > mostHeldBytes) {
        throw new RefusedArchive(`${path} is larger than allowed`)
      }
    },
    end(): Gathered {
      endMember()
      return { hashes, contents }
    },
  }
}

function judge({ hashes, contents }: Gathered): Result<OpenedBackup, BackupFailure> {
  const text = contents.get(manifestPath)
  if (text === undefined) return damaged(`${manifestPath} is missing`)
  const manifest = parseManifest(new TextDecoder().decode(text))
  if (!manifest.ok) return damaged(`${manifestPath} ${manifest.failure}`)
  contents.delete(manifestPath)
  const named = new Map(
    manifest.value.files.map((file): [string, ManifestFile] => [file.path, file]),
  )
  for (const { path, sha256 } of named.values()) {
    const found = hashes.get(path)
    if (found === undefined) return damaged(`${path} is missing`)
    if (found !== sha256) return damaged(`${path} is not what it was`)
  }
  for (const path of hashes.keys()) {
    if (path !== manifestPath && !named.has(path)) return damaged(`${path} is not in the manifest`)
  }
  return ok({ manifest: manifest.value, contents })
}

function damaged(detail: string): Result<never, BackupFailure> {
  const hint = 'an older one may be whole: timeball backup list'
  return fail({ code: 'damaged', detail: `the backup is refused: ${detail}`, hint })
}
