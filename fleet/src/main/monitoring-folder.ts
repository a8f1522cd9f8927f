/** The folder of the monitoring, on the disk. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Folder, Trouble } from '../ports/monitoring-host.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'

/** Nothing that is generated comes near this. */
const maxBytes = 16 << 20

export function monitoringFolder(path: string): Folder {
  return {
    path,
    read: async (name) => await read(resolve(path, name)),
    write: async (name, text) => await attempt(join(path, name), (whole) => replace(whole, text)),
    createSecret: async (name) => await createSecret(join(path, name)),
    remove: async (name) => await attempt(join(path, name), (whole) => rm(whole)),
    troubleWithSecret: async (name) => await troubleWithSecret(resolve(path, name)),
  }
}

async function read(path: string): Promise<Result<string | null, Trouble>> {
  try {
    const { size } = await stat(path)
    if (size > maxBytes) return fail(`${path} is larger than 16 MiB`)
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? ok(null) : fail(systemReason(error, path))
  }
}

/** A reader sees the old file or the new one. Containers that mount the file see it after `up`. */
async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.new`
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

async function createSecret(path: string): Promise<Result<'created' | 'kept', Trouble>> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(randomBytes(18).toString('base64url'))
    await file.close()
    return ok('created')
  } catch (error) {
    return codeOf(error) === 'EEXIST' ? ok('kept') : fail(systemReason(error, path))
  }
}

async function troubleWithSecret(path: string): Promise<Trouble | null> {
  try {
    const found = await stat(path)
    if (!found.isFile()) return `${path} is no file`
    if ((found.mode & 0o077) !== 0) return `${path} can be read by others: chmod 600 it`
    if (found.size === 0) return `${path} is empty`
    const text = await readFile(path, 'utf8')
    // Alertmanager 0.25 takes it for a part of the URL, or of the key.
    return text === text.trim() ? null : `${path} ends with a line break: write it with printf`
  } catch (error) {
    return systemReason(error, path)
  }
}

async function attempt(
  path: string,
  work: (path: string) => Promise<void>,
): Promise<Result<null, Trouble>> {
  try {
    await work(path)
    return ok(null)
  } catch (error) {
    return fail(systemReason(error, path))
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
