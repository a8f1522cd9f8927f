/** Files of commits on the disk: laid out to be looked at, and put in place. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'

/** By path, relative to the folder. */
export type Files = ReadonlyMap<string, Uint8Array>

/**
 * The files as they are to be, in a folder of their own, with links to what the fleet's folder has
 * besides those of commits: keys, secrets, backups, `.timeball`.
 */
export function layOutFiles(files: Files, before: Files, from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const [path, content] of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true })
    writeFileSync(join(to, path), content, { mode: 0o600 })
  }
  const folders = new Set([...files.keys()].flatMap((path) => foldersOf(path)))
  linkOthers('', { folders, isKnown: (path) => files.has(path) || before.has(path) }, from, to)
}

interface Known {
  readonly folders: ReadonlySet<string>
  readonly isKnown: (path: string) => boolean
}

function linkOthers(folder: string, known: Known, from: string, to: string): void {
  const here = resolve(from, folder)
  if (lstatSync(here, { throwIfNoEntry: false })?.isDirectory() !== true) return
  for (const name of readdirSync(here)) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (known.folders.has(path)) linkOthers(path, known, from, to)
    else if (name !== '.git' && !known.isKnown(path)) symlinkSync(join(here, name), join(to, path))
  }
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** The first file that is not as the commit has it; `null`: all are. */
export function differing(folder: string, files: Files): string | null {
  return [...files].find(([path, content]) => !isSame(folder, path, content))?.[0] ?? null
}

function isSame(folder: string, path: string, content: Uint8Array | undefined): boolean {
  const found = readFile(folder, path)
  return found !== null && content !== undefined && Buffer.compare(found, content) === 0
}

/** `null`: there is none. */
function readFile(folder: string, path: string): Buffer | null {
  const file = join(folder, path)
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file) : null
}

/** Each file is the old one or the new one, never half of it; what was cut off can be done again. */
export function putFiles(folder: string, files: Files, before: Files): Result<null, string> {
  const strange = [...new Set([...files.keys(), ...before.keys()])].find((path) => {
    const isThere = lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined
    const known = [files.get(path), before.get(path)]
    return isThere && !known.some((content) => isSame(folder, path, content))
  })
  if (strange !== undefined) {
    return fail(
      `${printable(strange, 200)} was changed here, and is in no commit; commit it, or put it back`,
    )
  }
  for (const path of files.keys()) {
    const linked = foldersOf(path).find(
      (each) => lstatSync(join(folder, each), { throwIfNoEntry: false })?.isSymbolicLink() === true,
    )
    if (linked !== undefined) return fail(`${printable(linked, 200)} is a symbolic link here`)
  }
  for (const [path, content] of files) {
    if (isSame(folder, path, content)) continue
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.timeball-new`, content, { mode: 0o644 })
    renameSync(`${file}.timeball-new`, file)
  }
  for (const path of before.keys())
    if (!files.has(path)) rmSync(join(folder, path), { force: true })
  return ok(null)
}

/** Where a file of the folder is in another one; one that is not in the folder stays. */
export function movedPath(path: string, from: string, to: string): string {
  const inside = relative(resolve(from), resolve(path))
  return inside.startsWith('..') ? resolve(path) : join(to, inside)
}
