/** The pages of docs/runbooks, which come with the program. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readFile } from '@timeball/lib/files.ts'

/** In the package, and in a clone. */
const folders = ['../runbooks', '../../../docs/runbooks'] as const

/** `null`: there is none of this name. */
export async function readRunbook(name: string): Promise<string | null> {
  const paths = folders.map((folder) => join(import.meta.dirname, folder, `${name}.md`))
  const path = paths.find((each) => existsSync(each))
  return path === undefined ? null : await readFile(path, 'utf8')
}
