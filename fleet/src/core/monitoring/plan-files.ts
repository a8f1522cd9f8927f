/** What generating does to a folder: only what it wrote itself is ever overwritten or removed. */
import { z } from 'zod'
import { sha256Hex } from '../hash/sha256.ts'

/** Remembers, in the folder, what was written there: SHA-256 by path. */
export const manifestFile = '.timeball-generated.json'

const manifestSchema = z.record(z.string().max(1_000), z.string().regex(/^[0-9a-f]{64}$/))

export type Manifest = Readonly<Record<string, string>>

/** `foreign`: somebody else wrote it, or changed it since. */
export type FileChange = 'created' | 'changed' | 'unchanged' | 'removed' | 'foreign'

/** An empty one when there is none, or none that can be read: then everything is foreign. */
export function parseManifest(text: string | null): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

export function formatManifest(files: ReadonlyMap<string, string>): string {
  const hashes = [...files].map(([path, text]) => [path, sha256Hex(text)])
  return `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`
}

/** By path, in the order of `wanted`. `present` has the text of what is there, of all these paths. */
export function planFiles(
  wanted: ReadonlyMap<string, string>,
  manifest: Manifest,
  present: ReadonlyMap<string, string>,
): ReadonlyMap<string, FileChange> {
  const isOurs = (path: string, text: string): boolean => manifest[path] === sha256Hex(text)
  const plan = new Map<string, FileChange>()
  for (const [path, text] of wanted) {
    const found = present.get(path)
    if (found === undefined) plan.set(path, 'created')
    else if (found === text) plan.set(path, 'unchanged')
    else plan.set(path, isOurs(path, found) ? 'changed' : 'foreign')
  }
  for (const path of Object.keys(manifest)) {
    const found = present.get(path)
    // What somebody made of a file that is no longer generated is theirs to keep.
    if (!wanted.has(path) && found !== undefined && isOurs(path, found)) plan.set(path, 'removed')
  }
  return plan
}
