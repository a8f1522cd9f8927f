/**
 * A hostile archive in, one of ours out: what was read and judged is written anew, a part of a file
 * at a time, with a manifest of it as the last member.
 */
import {
  archiveReader,
  faultText,
  type ArchiveBounds,
  type ArchiveEvent,
  type Member,
} from '../../core/backup/read-archive.ts'
import {
  formatManifest,
  manifestPath,
  type LeftOut,
  type Manifest,
  type ManifestFile,
} from '../../core/backup/manifest.ts'
import { tarHeader } from '../../core/bundle/tar.ts'
import { runningSha256, type RunningHash } from '../../core/hash/running-sha256.ts'
import type { BackupAbout, BackupWriter } from '../../ports/backup-store.ts'

/** The archive is not one that is kept. The message names the member. */
export class RefusedArchive extends Error {}

export interface Packing {
  /** Rejects with `RefusedArchive`, or with what the store says. */
  push(chunk: Uint8Array): Promise<void>
  /** After the last one. */
  finish(leftOut: readonly LeftOut[]): Promise<Manifest>
}

export interface Packer extends BackupAbout {
  readonly writer: Pick<BackupWriter, 'write'>
  readonly bounds: ArchiveBounds
  /** Of Timeball. */
  readonly version: string
}

/** History of years. Whatever is kept can be read again: the manifest comes on top. */
export const largestBackup = {
  members: 20_000,
  memberBytes: 1024 ** 3,
  allBytes: 4 * 1024 ** 3,
  roots: null,
} as const

const block = 512
/** A file is kept in parts of this size. */
const partBytes = 1024 ** 2

export function packing(packer: Packer): Packing {
  const reader = archiveReader(packer.bounds)
  const members = memberWriter(packer.writer)
  const files: ManifestFile[] = []

  async function take(event: ArchiveEvent): Promise<void> {
    if (event.kind === 'content') return await members.content(event.bytes)
    await endMember()
    members.begin(event.member)
  }

  async function endMember(): Promise<void> {
    const file = await members.end()
    if (file !== null) files.push(file)
  }

  return {
    async push(chunk) {
      const events = reader.push(chunk)
      if (!events.ok) throw new RefusedArchive(faultText(events.failure))
      for (const event of events.value) await take(event)
    },
    async finish(leftOut) {
      const whole = reader.finish()
      if (!whole.ok) throw new RefusedArchive(faultText(whole.failure))
      await endMember()
      const manifest: Manifest = {
        version: 1,
        subject: packer.subject,
        taken_at_unix_ms: packer.takenAtUnixMs,
        timeball: packer.version,
        files,
        left_out: [...leftOut],
      }
      const text = new TextEncoder().encode(formatManifest(manifest))
      members.begin({
        ...{ path: manifestPath, mode: 0o600, user: 0, group: 0 },
        sizeBytes: text.length,
        modifiedUnixSeconds: Math.floor(packer.takenAtUnixMs / 1000),
      })
      await members.content(text)
      await members.end()
      await packer.writer.write(new Uint8Array(2 * block))
      return manifest
    },
  }
}

interface MemberWriter {
  begin(member: Member): void
  content(bytes: Uint8Array): Promise<void>
  /** `null`: none was begun. */
  end(): Promise<ManifestFile | null>
}

function memberWriter(writer: Pick<BackupWriter, 'write'>): MemberWriter {
  let member: Member | null = null
  let hash: RunningHash = runningSha256()
  let held: Uint8Array[] = []
  let heldBytes = 0

  async function flush(): Promise<void> {
    const part = Buffer.concat(held)
    held = []
    heldBytes = 0
    await writer.write(part)
  }

  function hold(bytes: Uint8Array): void {
    held.push(bytes)
    heldBytes += bytes.length
  }

  return {
    begin(next) {
      member = next
      hash = runningSha256()
      hold(tarHeader(next))
    },
    async content(bytes) {
      hash.update(bytes)
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + partBytes - heldBytes)
        at += part.length
        hold(Uint8Array.from(part))
        if (heldBytes >= partBytes) await flush()
      }
    },
    async end() {
      if (member === null) return null
      const { path, mode, user, group, sizeBytes, modifiedUnixSeconds } = member
      hold(new Uint8Array((block - (sizeBytes % block)) % block))
      await flush()
      member = null
      const about = { path, mode, user, group, size_bytes: sizeBytes }
      return { ...about, modified_unix_seconds: modifiedUnixSeconds, sha256: hash.hex() }
    },
  }
}
