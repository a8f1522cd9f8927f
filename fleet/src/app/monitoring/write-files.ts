/** Writes what is generated into its folder. */
import { adminPasswordFile } from '../../core/monitoring/compose.ts'
import {
  formatManifest,
  manifestFile,
  parseManifest,
  planFiles,
  type FileChange,
} from '../../core/monitoring/plan-files.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Folder, Trouble } from '../../ports/monitoring-host.ts'

export type FileChanges = ReadonlyMap<string, FileChange>

/** What writing would do; changes nothing. */
export async function compareFiles(
  folder: Folder,
  wanted: ReadonlyMap<string, string>,
): Promise<Result<FileChanges, Trouble>> {
  const manifestText = await folder.read(manifestFile)
  if (!manifestText.ok) return manifestText
  const manifest = parseManifest(manifestText.value)
  const present = new Map<string, string>()
  for (const path of new Set([...wanted.keys(), ...Object.keys(manifest)])) {
    const text = await folder.read(path)
    if (!text.ok) return text
    if (text.value !== null) present.set(path, text.value)
  }
  return ok(planFiles(wanted, manifest, present))
}

/** With the password of Grafana, which is made once. */
export async function writeFiles(
  folder: Folder,
  wanted: ReadonlyMap<string, string>,
): Promise<Result<FileChanges, Trouble>> {
  const changes = await replaceFiles(folder, wanted)
  if (!changes.ok || hasForeign(changes.value)) return changes
  const secret = await folder.createSecret(adminPasswordFile)
  return secret.ok ? changes : secret
}

/** All or nothing: with one file that somebody else wrote, none is touched. */
export async function replaceFiles(
  folder: Folder,
  wanted: ReadonlyMap<string, string>,
): Promise<Result<FileChanges, Trouble>> {
  const changes = await compareFiles(folder, wanted)
  if (!changes.ok || hasForeign(changes.value)) return changes
  for (const [path, change] of changes.value) {
    const done = await carryOut(folder, path, { change, text: wanted.get(path) ?? '' })
    if (!done.ok) return fail(done.failure)
  }
  const manifest = await folder.write(manifestFile, formatManifest(wanted))
  return manifest.ok ? changes : manifest
}

function hasForeign(changes: FileChanges): boolean {
  return changes.values().some((change) => change === 'foreign')
}

async function carryOut(
  folder: Folder,
  path: string,
  { change, text }: { readonly change: FileChange; readonly text: string },
): Promise<Result<null, Trouble>> {
  if (change === 'removed') return await folder.remove(path)
  if (change === 'created' || change === 'changed') return await folder.write(path, text)
  return ok(null)
}
