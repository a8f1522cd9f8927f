/**
 * What is started first. It runs the bundle that it is part of; in a clone it makes sure before that
 * the bundle is what the sources are now, and else has a new one made, or runs the sources.
 */
import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandWord } from '../src/cli/command-word.ts'
import { openCodeCache, type CodeCache } from './code-cache.ts'
import { runChunks } from './load-chunks.ts'
import { checkSources } from './sources.ts'

/** The word that names the command, under which its code is kept. */
const [, command = 'help'] =
  /^(?:--)?([a-z]+)$/.exec(commandWord(process.argv.slice(2)) ?? '') ?? []

function run(folder: string, cache: CodeCache, onNewChunk = (): void => {}): void {
  const chunks = runChunks(folder, cache, onNewChunk)
  process.on('exit', () => {
    // A word that is no command leaves nothing behind.
    if (chunks.size > 1 || command === 'help' || command === 'version') cache.keep()
  })
}

/**
 * Checks the sources of the chunks that this command has loaded before, if there are any: a third of
 * all. One that it loads for the first time has the others checked; if they are not the same, what
 * runs is as old as if it had been started before they changed, which is said.
 */
async function runClone(
  root: string,
  lines: readonly string[],
  recorded: Uint8Array,
): Promise<void> {
  const folder = import.meta.dirname
  const cache = openCodeCache(join(folder, '../code', command))
  const wanted = cache.chunks.size === 0 ? null : cache.chunks
  const state = checkSources({ root, lines, recorded, wanted })
  if (state === 'same') {
    run(folder, cache, () => {
      if (wanted === null || checkSources({ root, lines, recorded, wanted: null }) === 'same')
        return
      rmSync(join(root, '.bundle/current'), { force: true })
      console.error('timeball: its sources were changed: run it again to have them')
    })
    return
  }
  const bundle = state === 'edited' ? null : await bundleAnew(root)
  if (bundle === null) await import(join(root, 'fleet/src/main/timeball.ts'))
  else run(join(bundle, 'main'), openCodeCache(join(bundle, 'code', command)))
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
function cacheOfUser(name: string): string | null {
  const { XDG_CACHE_HOME: named, HOME: home } = process.env
  const caches = named !== undefined && named !== '' ? named : home && join(home, '.cache')
  return caches === undefined || caches === '' ? null : join(caches, 'timeball', name, command)
}

const read = (file: string): Buffer => readFileSync(join(import.meta.dirname, file))

// `build` names the bundle, and in a clone also what each chunk was made of.
const [name = '', ...lines] = read('build').toString().split('\n')
if (lines.length === 0) run(import.meta.dirname, openCodeCache(cacheOfUser(name)))
else void runClone(join(import.meta.dirname, '../../..'), lines, read('sources'))
