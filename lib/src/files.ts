/**
 * What short commands need of the file system. `node:fs/promises` has it too, and takes Node a tenth
 * of a short command to load. What reads regular files and folders reads them at once: they are
 * small, and Node's threads would have to be started for them.
 */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

export const mkdir = promisify(fs.mkdir)
export const readFile = promisify(fs.readFile)
export const rename = promisify(fs.rename)
export const rm = promisify(fs.rm)
export const stat = promisify(fs.stat)
export const writeFile = promisify(fs.writeFile)
export const open = promisify(fs.open)
export const close = promisify(fs.close)

/**
 * A folder, with those above it; nothing where it is there. Node's own `recursive` says of a file
 * system that is read-only that there is no such file, and never ends below `/proc`.
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    fs.mkdirSync(path, { mode })
  } catch (error) {
    if (isFolder(path)) return
    const above = dirname(path)
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing || fs.existsSync(above)) throw error
    makeFolder(above, mode)
    makeFolder(path, mode)
  }
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
