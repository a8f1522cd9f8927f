/** Pages of docs/ that come with the program: the runbooks, and what they lead to. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readFile } from '@timeball/lib/files.ts'

/** In the package, and in a clone. */
const folders = ['..', '../../../docs'] as const

/** `null`: there is none of this name. */
export function readRunbook(name: string): Promise<string | null> {
  return readPage(`runbooks/${name}.md`)
}

/** For when one does not know where to begin. */
export function readWorstNights(): Promise<string | null> {
  return readPage('worst-nights.md')
}

async function readPage(name: string): Promise<string | null> {
  const paths = folders.map((folder) => join(import.meta.dirname, folder, name))
  const path = paths.find((each) => existsSync(each))
  return path === undefined ? null : await readFile(path, 'utf8')
}
