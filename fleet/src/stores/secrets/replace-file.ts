/** Replaces a file: after a power cut it is whole, the old one or the new one. */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Throws when it cannot, and when the file is not `before` any more: somebody else has written it.
 * `before` is empty for a file that is not there.
 */
export async function replaceFile(path: string, text: string, before: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  const file = await open(temporary, 'wx', 0o644)
  try {
    const now = await readFile(path, 'utf8').catch(() => '')
    if (now !== before) throw new Error('it was changed meanwhile; try again')
    await file.writeFile(text)
    await file.sync()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
