/** Where the lab keeps things. The cache survives `lab down`; the run folder dies with the machine. */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

const here = import.meta.dirname
export const repositoryRoot = resolve(here, '../..')
/** Dockerfiles, package lists and files of the images. */
export const imageSources = join(here, 'image')

/**
 * Which lab of this machine: 1 to 9, from `TIMEBALL_LAB`. Each has a network and devices of its own;
 * they share the engine, the images and the keys. Tests run side by side in one each.
 */
export const labNumber = numberOf(process.env['TIMEBALL_LAB'] ?? '1')
/** What names of the first lab go without. */
export const labSuffix = labNumber === 1 ? '' : String(labNumber)

function numberOf(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new RangeError(`TIMEBALL_LAB: 1 to 9, not ${text}`)
  return Number(text)
}

/** Every path the lab writes to. */
export interface LabPaths {
  readonly cache: string
  /** Of the engine: socket and pid files. Short, because a socket's path has at most 107 bytes. */
  readonly run: string
  /** Of this lab's own servers. */
  readonly servers: string
  readonly log: string
  readonly socket: string
  /** The guide's fleet: what an operator would keep in git. */
  readonly guide: string
  /** Key and known_hosts for the operator's ssh; git-ignored. */
  readonly guideState: string
}

/** `TIMEBALL_LAB_CACHE` moves the cache, which all labs of the machine share. */
export function labPaths(environment: NodeJS.ProcessEnv): LabPaths {
  const cache = resolve(environment['TIMEBALL_LAB_CACHE'] ?? join(here, '..', '.cache'))
  const run = '/run/timeball-lab'
  const guide = resolve(here, '..', 'guide')
  return {
    cache,
    run,
    servers: join(run, String(labNumber)),
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
