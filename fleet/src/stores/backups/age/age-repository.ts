/**
 * The embedded store: a folder that any disk, share or synchroniser can hold.
 *
 *     timeball-backups.json           version and salt
 *     objects/ab/KEYED-SHA256         a part of an archive: zstd, then age
 *     backups/SUBJECT/TIME-ID.json    a backup: which objects, in order
 *
 * An object is named for its content and its readers (an HMAC with the salt, so that equal parts are
 * kept once) and for its own bytes, so that damage is seen without an identity: who makes and checks backups every
 * night need not be able to read them.
 *
 * INVARIANTS:
 * - a backup is written after all of its objects, so whatever is cut short before has made none;
 * - objects are removed only when no backup names them, backups before objects, and not on the day on
 *   which they were written or used: a backup that is being made elsewhere names them only at its end.
 */
import { createHmac } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import type {
  BackupAbout,
  BackupFailure,
  BackupStore,
  BackupWriter,
  KeptBackup,
} from '../../../ports/backup-store.ts'
import { once } from '../../secrets/once.ts'
import type { IdentitySources } from '../../secrets/age/identities.ts'
import { formatIndex, idOf, type BackupIndex } from './index-file.ts'
import {
  backupPath,
  isNamed,
  isWhole,
  objectNames,
  objectPath,
  readBackups,
  readNames,
  readSalt,
  type FoundBackup,
} from './layout.ts'
import { getFile, isOlder, putFile, sha256, touch } from './objects.ts'
import { sealing, type Seals } from './sealing.ts'
import { verifyFolder } from './verify-folder.ts'

export interface AgeRepositoryOptions {
  readonly folder: string
  /** `age1…`; without any nothing can be kept. */
  readonly recipients: readonly string[]
  readonly identities: IdentitySources
}

/** Of a part, in clear: more than a writer gives is no part of ours. */
const mostPartBytes = 8 * 1024 ** 2

/** No backup takes longer. */
const unclaimedMs = 86_400_000

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

export function ageRepository(options: AgeRepositoryOptions): BackupStore {
  const { folder, recipients, identities } = options
  const seals = sealing(recipients, identities)
  const keeper = objectKeeper(options, seals)
  return {
    name: folder,
    notes:
      recipients.length === 1
        ? ['backups have one recipient: with its identity lost, nobody can read them']
        : [],
    begin: (about) =>
      guarded(folder, async () => {
        const keep = await keeper()
        return keep.ok ? ok(writer(folder, about, keep.value)) : keep
      }),
    list: () =>
      guarded(folder, async () => {
        const { found } = await readBackups(folder)
        const kept = found.map(keptOf)
        return ok(kept.toSorted((one, other) => one.takenAtUnixMs - other.takenAtUnixMs))
      }),
    read: (id, visit) =>
      guarded<null>(folder, async () => {
        const { found } = await readBackups(folder)
        const backup = found.find((each) => each.id === id)
        if (backup === undefined) return fail(missing(id))
        for (const name of backup.index.objects) {
          const part = await unseal(folder, name, seals)
          if (!part.ok) return part
          await visit(part.value)
        }
        return ok(null)
      }),
    verify: (data) => guarded(folder, async () => ok(await verifyFolder(folder, data))),
    remove: (ids) => guarded<null>(folder, () => removeFrom(folder, ids)),
  }
}

/** Gives the name of the object with this content; makes it where it is not there whole. */
type Keep = (part: Uint8Array) => Promise<string>

function objectKeeper(
  { folder, recipients }: AgeRepositoryOptions,
  seals: Seals,
): () => Promise<Result<Keep, BackupFailure>> {
  // What was encrypted for others is made anew.
  const readers = `${recipients.toSorted().join(' ')}\n`
  const saltOf = once(() => readSalt(folder))
  const namesOf = once(() => readNames(folder))
  return async () => {
    const seal = await seals.seal()
    if (!seal.ok) return seal
    const salt = await saltOf()
    const names = await namesOf()
    return ok(async (part) => {
      const key = createHmac('sha256', salt).update(readers).update(part).digest('hex').slice(0, 32)
      const known = names.get(key)
      if (known !== undefined && (await isWhole(objectPath(folder, known), known))) {
        await touch(objectPath(folder, known))
        return known
      }
      const sealed = await seal.value(await compress(part))
      const name = `${key}-${sha256(sealed)}`
      await putFile(objectPath(folder, name), sealed)
      names.set(key, name)
      return name
    })
  }
}

function writer(folder: string, about: BackupAbout, keep: Keep): BackupWriter {
  const objects: string[] = []
  let bytes = 0
  return {
    async write(part) {
      if (part.length === 0) return
      objects.push(await keep(part))
      bytes += part.length
    },
    commit: () =>
      guarded(folder, async () => {
        const { subject, takenAtUnixMs } = about
        const index: BackupIndex = {
          ...{ version: 1, subject, taken_at_unix_ms: takenAtUnixMs },
          ...{ bytes, objects },
        }
        const text = formatIndex(index)
        const id = idOf(text)
        await putFile(backupPath(folder, index, id), text)
        return ok({ id, subject, takenAtUnixMs, bytes })
      }),
    // What it wrote is nobody's, and goes with the next removal.
    abandon: () => Promise.resolve(),
  }
}

async function unseal(
  folder: string,
  name: string,
  seals: Seals,
): Promise<Result<Uint8Array, BackupFailure>> {
  const sealed = await getFile(objectPath(folder, name))
  if (sealed === null) return fail(damaged('an object is missing'))
  if (!isNamed(sealed, name)) return fail(damaged('an object has changed'))
  const opened = await seals.open(sealed)
  if (!opened.ok) return opened
  try {
    return ok(await decompress(opened.value, { maxOutputLength: mostPartBytes }))
  } catch {
    return fail(damaged('an object does not unpack'))
  }
}

async function removeFrom(
  folder: string,
  ids: ReadonlySet<string>,
): Promise<Result<null, BackupFailure>> {
  const { found } = await readBackups(folder)
  for (const { id, path } of found) if (ids.has(id)) await rm(path)
  const left = found.filter(({ id }) => !ids.has(id))
  const needed = new Set(left.flatMap(({ index }) => index.objects))
  for (const name of await objectNames(folder)) {
    const path = objectPath(folder, name)
    if (!needed.has(name) && (await isOlder(path, unclaimedMs))) await rm(path)
  }
  return ok(null)
}

function keptOf({ id, index }: FoundBackup): KeptBackup {
  const { subject, taken_at_unix_ms: takenAtUnixMs, bytes } = index
  return { id, subject, takenAtUnixMs, bytes }
}

function damaged(detail: string): BackupFailure {
  return {
    code: 'damaged',
    detail,
    hint: 'timeball backup verify --read-data says which are whole',
  }
}

function missing(id: string): BackupFailure {
  return { code: 'missing', detail: `there is no backup ${id}`, hint: 'timeball backup list' }
}

/** What the system refuses is a failure, and not a mistake of ours. */
async function guarded<T>(
  folder: string,
  work: () => Promise<Result<T, BackupFailure>>,
): Promise<Result<T, BackupFailure>> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    return fail({ code: 'unavailable', detail: systemReason(error, folder), hint: null })
  }
}
