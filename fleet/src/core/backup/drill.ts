/** Whether all that a restore needs is in a backup. */
import { parse } from 'yaml'
import { imageOfCompose } from '../desired/compose-file.ts'
import { composePath, environmentPath } from '../desired/paths.ts'
import { driftPath } from './device-script.ts'
import type { Manifest } from './manifest.ts'

export interface Drilled {
  /** What would be missing: a restore would not do. */
  readonly missing: readonly string[]
  /** What would only take longer. */
  readonly notes: readonly string[]
}

export const drilledPaths: readonly string[] = [composePath, environmentPath, driftPath].map(
  (path) => path.slice(1),
)

/** `contents`: of `drilledPaths`. */
export function drill(manifest: Manifest, contents: ReadonlyMap<string, Uint8Array>): Drilled {
  const text = (path: string): string => new TextDecoder().decode(contents.get(path.slice(1)))
  const hasKey = /^API_KEY_1=./m.test(text(environmentPath))
  const image = imageOfCompose(text(composePath))
  const hasDrift = manifest.files.some(({ path }) => `/${path}` === driftPath)
  return {
    missing: [
      ...(hasKey ? [] : [`${environmentPath} has no key`]),
      ...(isYaml(text(composePath)) && image !== null ? [] : [`${composePath} starts no image`]),
    ],
    notes: hasDrift ? [] : ['no drift file: its clock takes longer to settle'],
  }
}

function isYaml(text: string): boolean {
  try {
    return typeof parse(text) === 'object'
  } catch {
    return false
  }
}
