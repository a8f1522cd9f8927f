/** What the last run did, for `@failed` and `@changed`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '@timeball/lib/files.ts'
import type { LastRun, LoadedFleet } from '../cli/context.ts'

const lastRunFile = 'last-run.json'

export async function saveLastRun(loaded: LoadedFleet, part: Partial<LastRun>): Promise<void> {
  const { stateFolder } = loaded
  const run: LastRun = { ...(await readLastRun(loaded)), ...part }
  makeFolder(stateFolder, 0o700)
  await writeFile(join(stateFolder, lastRunFile), `${JSON.stringify(run)}\n`)
}

/** Empty lists when nothing was applied yet. */
export async function readLastRun({ stateFolder }: LoadedFleet): Promise<LastRun> {
  try {
    const text = await readFile(join(stateFolder, lastRunFile), 'utf8')
    const content: unknown = JSON.parse(text)
    return { failed: namesIn(content, 'failed'), changed: namesIn(content, 'changed') }
  } catch {
    return { failed: [], changed: [] }
  }
}

function namesIn(content: unknown, key: keyof LastRun): string[] {
  if (typeof content !== 'object' || content === null || !(key in content)) return []
  const list: unknown = Reflect.get(content, key)
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []
}
