/** What a restore takes from a backup, and what an apply makes anew. */
import { sha256Hex } from '../hash/sha256.ts'
import { revealContent, type DesiredState } from '../desired/resource.ts'
import { clockFolder, driftPath, hostKeyPaths } from './device-script.ts'
import type { Manifest, ManifestFile } from './manifest.ts'

const drift = driftPath.slice(1)
export const hostNamePath = 'etc/hostname'

export interface RestorePlan {
  /** In this order: what the clock needs first, so that its daemon starts with it. */
  readonly putBack: readonly ManifestFile[]
  /** Files that an apply writes as they are to be today, and whether they were so then. */
  readonly applied: readonly {
    readonly path: string
    readonly wasThen: 'same' | 'other' | 'absent'
  }[]
}

/** Of what is put back, which goes in one bundle: older statistics are left out beyond it. */
const mostBytes = 8 * 1024 ** 2

export function planRestore(manifest: Manifest, desired: DesiredState['resources']): RestorePlan {
  const keys = new Set(hostKeyPaths.map((path) => path.slice(1)))
  const clock = manifest.files.filter(({ path }) => isClockFile(path))
  const first = clock.filter(({ path }) => path === drift)
  const others = clock.filter(({ path }) => path !== drift)
  const identity = manifest.files.filter(({ path }) => keys.has(path))
  const name = manifest.files.filter(({ path }) => path === hostNamePath)
  return {
    putBack: upTo(mostBytes, [...first, ...identity, ...name, ...others]),
    applied: desired.flatMap((resource) => {
      if (resource.kind !== 'file') return []
      const old = manifest.files.find(({ path }) => `/${path}` === resource.path)
      const now = sha256Hex(revealContent(resource.content))
      const same = old?.sha256 === now ? 'same' : 'other'
      return [{ path: resource.path, wasThen: old === undefined ? 'absent' : same } as const]
    }),
  }
}

/** Files of ntpd itself, and no folders below: nothing else may come back there. */
function isClockFile(path: string): boolean {
  const folder = `${clockFolder.slice(1)}/`
  return path.startsWith(folder) && !path.slice(folder.length).includes('/')
}

function upTo(bytes: number, files: readonly ManifestFile[]): readonly ManifestFile[] {
  let left = bytes
  return files.filter(({ size_bytes: size }) => {
    if (size > left) return false
    left -= size
    return true
  })
}

export function isHostKey(path: string): boolean {
  return hostKeyPaths.includes(`/${path}`)
}
