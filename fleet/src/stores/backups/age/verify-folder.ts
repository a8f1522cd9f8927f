import type { DataPart, Verified } from '../../../ports/backup-store.ts'
import { isNamed, objectNames, objectPath, readBackups } from './layout.ts'
import { getFile } from './objects.ts'

/** That every object is there, and that those of the part are what they were. Needs no identity. */
export async function verifyFolder(folder: string, data: DataPart | null): Promise<Verified> {
  const { found, mistakes } = await readBackups(folder)
  const there = new Set(await objectNames(folder))
  const bad = new Map<string, string>()
  let bytes = 0
  for (const name of there) {
    if (data === null || Number.parseInt(name.slice(0, 8), 16) % data.of !== data.part) continue
    const sealed = await getFile(objectPath(folder, name))
    bytes += sealed?.length ?? 0
    if (sealed === null || !isNamed(sealed, name)) bad.set(name, 'an object of it has changed')
  }
  const damagedBackups = found.flatMap(({ id, index }): [string, string][] => {
    const lost = index.objects.find((name) => !there.has(name))
    if (lost !== undefined) return [[id, 'an object of it is missing']]
    const changed = index.objects.find((name) => bad.has(name))
    return changed === undefined ? [] : [[id, bad.get(changed) ?? '']]
  })
  return { damaged: new Map(damagedBackups), mistakes, bytes }
}
