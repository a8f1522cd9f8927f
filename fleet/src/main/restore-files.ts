/** Files of a restored controller. What they replace is kept beside them. */
import { existsSync, lstatSync } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, readFile, writeFile } from '@timeball/lib/files.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import type { RestoredFile, RestoredFiles } from '../cli/context.ts'

export const kept = '.before-restore'

export const restoredFiles: RestoredFiles = {
  async compare(folder, { path, content }) {
    const there = await readFile(join(folder, path)).catch(() => null)
    if (there === null) return 'absent'
    return Buffer.compare(there, content) === 0 ? 'same' : 'other'
  },
  async write(folder, files) {
    for (const file of files) {
      const done = await writeOne(folder, file)
      if (!done.ok) return done
    }
    return ok(null)
  },
}

async function writeOne(
  folder: string,
  { path, mode, content }: RestoredFile,
): Promise<Result<null, string>> {
  const to = join(folder, path)
  try {
    if (leadsAway(folder, path)) return fail(`${path}: a part of it is a link`)
    makeFolder(dirname(to), 0o700)
    if (existsSync(to)) await copyFile(to, `${to}${kept}`)
    await writeFile(`${to}.new`, content, { mode: mode & 0o700 ? mode : 0o600 })
    // A journal of SQLite beside it is of the file that it replaces.
    if (path.endsWith('.db')) {
      await Promise.all(['-wal', '-shm'].map((end) => rm(`${to}${end}`, { force: true })))
    }
    await rename(`${to}.new`, to)
    return ok(null)
  } catch (error) {
    return fail(systemReason(error, to))
  }
}

function leadsAway(folder: string, path: string): boolean {
  const parts = path.split('/')
  return parts.some((_, count) => {
    const at = join(folder, ...parts.slice(0, count + 1))
    return lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  })
}
