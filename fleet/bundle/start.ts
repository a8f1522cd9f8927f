/**
 * What is started first. It runs the bundle that it is part of; in a clone it makes sure before that
 * the bundle is what the sources are now, and else has a new one made, or runs the sources.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { commandWord } from '../src/cli/command-word.ts'
import { openCodeCache } from './code-cache.ts'
import { runChunks } from './load-chunks.ts'
import { areQuiet, areSame, statsOf } from './sources.ts'

/** `caches`: where what V8 made of it is kept; `null`: nowhere. */
function run(folder: string, caches: string | null): void {
  const [, command = 'help'] =
    /^(?:--)?([a-z]+)$/.exec(commandWord(process.argv.slice(2)) ?? '') ?? []
  const cache = openCodeCache(caches === null ? null : join(caches, command))
  const chunks = runChunks(folder, 'program.cjs', cache)
  process.on('exit', () => {
    // A word that is no command leaves nothing behind.
    if (chunks.size > 1 || command === 'help' || command === 'version') cache.keep()
  })
}

/** `paths` and `sources`: the files that the bundle was made of, and how they were then. */
async function runClone(
  root: string,
  paths: readonly string[],
  sources: Uint8Array,
): Promise<void> {
  const nowUnixMs = Date.now()
  const now = statsOf(root, paths)
  if (now !== null && areSame(now, sources)) {
    run(import.meta.dirname, join(import.meta.dirname, '../code'))
    return
  }
  const isBeingEdited = now !== null && !areQuiet(now, nowUnixMs)
  const bundle = isBeingEdited ? null : await bundleAnew(root)
  if (bundle === null) await import(join(root, 'fleet/src/main/timeball.ts'))
  else run(join(bundle, 'main'), join(bundle, 'code'))
}

/** `null`: it cannot be made, or could not be relied on. */
async function bundleAnew(root: string): Promise<string | null> {
  const { spawnSync } = await import('node:child_process')
  const launcher = join(root, 'timeball')
  const { status } = spawnSync('sh', [launcher, '--prepare-bundle'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0 ? realpathSync(join(root, '.bundle/current')) : null
}

/** Of the package, which may lie where only root writes. `null`: the user has no place for it. */
function cachesOfUser(name: string): string | null {
  const { XDG_CACHE_HOME: named, HOME: home } = process.env
  const caches = named !== undefined && named !== '' ? named : home && join(home, '.cache')
  return caches === undefined || caches === '' ? null : join(caches, 'timeball', name)
}

const read = (file: string): Buffer => readFileSync(join(import.meta.dirname, file))

// `build` names the bundle, and in a clone also its sources: those first, as many as its second line
// says, that are all of what these loads.
const [name = '', always, ...paths] = read('build').toString().split('\n')
const isShort = process.argv.length === 3 && /^--(?:help|version)$/.test(process.argv[2] ?? '')
const needed = isShort ? paths.slice(0, Number(always)) : paths
if (always === undefined) run(import.meta.dirname, cachesOfUser(name))
else void runClone(join(import.meta.dirname, '../../..'), needed, read('sources'))
