/** What is remembered of backups beside the state of the fleet. */
import {
  formatMemory,
  memoryName,
  nothingKnown,
  parseMemory,
  type BackupMemory,
} from '../../core/backup/memory.ts'
import { lastOfEach, type Kept } from '../../core/backup/retention.ts'
import type { Context, LoadedFleet } from '../context.ts'

export async function readMemory(context: Context, loaded: LoadedFleet): Promise<BackupMemory> {
  const text = await context.readText(`${loaded.stateFolder}/${memoryName}`)
  return text.ok ? parseMemory(text.value) : nothingKnown
}

export async function keepMemory(
  context: Context,
  loaded: LoadedFleet,
  change: (memory: BackupMemory) => BackupMemory,
): Promise<void> {
  const memory = change(await readMemory(context, loaded))
  await context.keep(loaded, memoryName, formatMemory(memory))
}

/** From what there is; `bad` are known to be damaged. */
export async function keepGood(
  context: Context,
  loaded: LoadedFleet,
  backups: readonly Kept[],
  bad: ReadonlySet<string> = new Set(),
): Promise<void> {
  const good = Object.fromEntries(lastOfEach(backups.filter(({ id }) => !bad.has(id))))
  await keepMemory(context, loaded, (memory) => ({ ...memory, good_unix_ms: good }))
}
