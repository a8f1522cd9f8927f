/** The real server of `timeball serve`: it is loaded only when it is called. */
import { existsSync } from 'node:fs'
import { readFile } from '@timeball/lib/files.ts'
import { join } from 'node:path'
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import type { Result } from '@timeball/lib/result.ts'

/** In the package, and in a clone. */
const runbookFolders = ['../runbooks', '../../../docs/runbooks'] as const

export async function listenForController(
  request: ListenRequest,
): Promise<Result<Listening, string>> {
  const { listen } = await import('../server/listen.ts')
  return await listen({ ...request, runbook })
}

async function runbook(name: string): Promise<string | null> {
  const paths = runbookFolders.map((folder) => join(import.meta.dirname, folder, `${name}.md`))
  const path = paths.find((each) => existsSync(each))
  return path === undefined ? null : await readFile(path, 'utf8')
}
