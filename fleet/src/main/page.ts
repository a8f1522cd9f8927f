/** The page of the controller, which is made with the bundle. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readFile } from '@timeball/lib/files.ts'

/** `null`: the program runs from its sources, where there is none. */
export async function readPage(name: string): Promise<string | null> {
  const path = join(import.meta.dirname, '../page', name)
  return existsSync(path) ? await readFile(path, 'utf8') : null
}
