/** Where the lab keeps things. The cache survives `lab down`; the run folder dies with the machine. */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

const here = import.meta.dirname
export const repositoryRoot = resolve(here, '../..')
/** Dockerfiles, package lists and files of the images. */
export const imageSources = join(here, 'image')

/** Every path the lab writes to. */
export interface LabPaths {
  readonly cache: string
  /** Sockets and pid files. Short, because a socket's path has at most 107 bytes. */
  readonly run: string
  readonly log: string
  readonly socket: string
  /** The guide's fleet: what an operator would keep in git. */
  readonly guide: string
  /** Key and known_hosts for the operator's ssh; git-ignored. */
  readonly guideState: string
}

/** `TIMEBALL_LAB_CACHE` moves the cache; there is one lab a machine all the same. */
export function labPaths(environment: NodeJS.ProcessEnv): LabPaths {
  const cache = resolve(environment['TIMEBALL_LAB_CACHE'] ?? join(here, '..', '.cache'))
  const run = '/run/timeball-lab'
  const guide = resolve(here, '..', 'guide')
  return {
    cache,
    run,
    log: join(cache, 'log'),
    socket: join(run, 'docker.sock'),
    guide,
    guideState: join(guide, '.timeball'),
  }
}

/** Twelve hex digits that change with any of the parts: names of cached images. */
export function cacheKey(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(String(part.length)).update(':').update(part)
  return hash.digest('hex').slice(0, 12)
}
