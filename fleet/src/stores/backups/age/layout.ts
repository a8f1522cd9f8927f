/** The folder of a repository: where things are in it, and reading them. */
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readIndex, type BackupIndex } from './index-file.ts'
import { getFile, putFile, sha256 } from './objects.ts'

export interface FoundBackup {
  readonly id: string
  readonly path: string
  readonly index: BackupIndex
}

export function objectPath(folder: string, name: string): string {
  return join(folder, 'objects', name.slice(0, 2), name)
}

export function backupPath(folder: string, index: BackupIndex, id: string): string {
  const { subject, taken_at_unix_ms: takenAtUnixMs } = index
  return join(folder, 'backups', subject, `${takenAtUnixMs}-${id}.json`)
}

export function isNamed(sealed: Uint8Array, name: string): boolean {
  return sha256(sealed) === name.slice(name.indexOf('-') + 1)
}

export async function isWhole(path: string, name: string): Promise<boolean> {
  const sealed = await getFile(path)
  return sealed !== null && isNamed(sealed, name)
}

export async function readBackups(
  folder: string,
): Promise<{ readonly found: readonly FoundBackup[]; readonly mistakes: readonly string[] }> {
  const found: FoundBackup[] = []
  const mistakes: string[] = []
  for (const subject of await namesIn(join(folder, 'backups'))) {
    for (const file of await namesIn(join(folder, 'backups', subject))) {
      const id = /^\d+-(?<id>[0-9a-f]{16})\.json$/.exec(file)?.groups?.['id']
      if (id === undefined) continue
      const path = join(folder, 'backups', subject, file)
      const text = await getFile(path)
      const index = text === null ? null : readIndex(text, id)
      if (index?.subject === subject) found.push({ id, path, index })
      else mistakes.push(`backups/${subject}/${file} has changed: the backup is lost`)
    }
  }
  return { found, mistakes }
}

/** Names of objects, by their first half. */
export async function readNames(folder: string): Promise<Map<string, string>> {
  const names = await objectNames(folder)
  return new Map(names.map((name) => [name.slice(0, name.indexOf('-')), name]))
}

export async function objectNames(folder: string): Promise<readonly string[]> {
  const objects = join(folder, 'objects')
  const names: string[] = []
  for (const part of await namesIn(objects)) {
    const found = await namesIn(join(objects, part))
    names.push(...found.filter((name) => /^[0-9a-f]{32}-[0-9a-f]{64}$/.test(name)))
  }
  return names
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Made with the first backup. */
export async function readSalt(folder: string): Promise<Buffer> {
  const path = join(folder, 'timeball-backups.json')
  const there = await getFile(path)
  if (there === null) {
    const salt = randomBytes(32)
    await putFile(
      path,
      Buffer.from(`${JSON.stringify({ version: 1, salt: salt.toString('hex') })}\n`),
    )
    return salt
  }
  const salt = /^\{"version":1,"salt":"(?<salt>[0-9a-f]{64})"\}\n$/.exec(there.toString('latin1'))
  if (salt?.groups?.['salt'] !== undefined) return Buffer.from(salt.groups['salt'], 'hex')
  throw new Error('timeball-backups.json is not as Timeball writes it')
}
