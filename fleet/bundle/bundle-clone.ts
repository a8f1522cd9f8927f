/** The bundle that a clone runs: a folder in `.bundle/` at its root, to which `current` links. */
import { globSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleProgram } from './bundle-program.ts'
import { areQuiet, statsOf } from './sources.ts'

/** Processes that run have loaded what they need of older ones. */
const kept = 10

/** Beside the modules, what decides how a bundle comes out. */
const recipe = ['package-lock.json', '*/package.json', 'fleet/bundle/*.ts']

/**
 * `false`: a source changed while it was made, or so shortly before that it could change again
 * unseen. Throws when the sources cannot be bundled, and when nothing can be written.
 */
export async function bundleClone(root: string, nowUnixMs: number): Promise<boolean> {
  const home = join(root, '.bundle')
  const name = `${nowUnixMs}-${process.pid}`
  const draft = join(home, `draft-${name}`)
  try {
    // The lab and the demo's devices run from their sources.
    const external = [/^@timeball\/lab\//]
    const sources = await bundleProgram({ root, out: draft, external })
    const made = globSync(recipe, { cwd: root })
    const lines = [...sources].map(([chunk, files]): readonly string[] => {
      const all = chunk === 'program.cjs' ? [...files, ...made] : files
      return [chunk, ...placesOf(all)]
    })
    const stats = statsOf(
      root,
      lines.flatMap(([, ...paths]) => paths),
    )
    if (stats === null || !areQuiet(stats, nowUnixMs)) return false
    writeFileSync(
      join(draft, 'main/build'),
      [name, ...lines.map((line) => line.join('\t'))].join('\n'),
    )
    writeFileSync(join(draft, 'main/sources'), stats)
    renameSync(draft, join(home, name))
    const link = join(home, `link-${name}`)
    symlinkSync(name, link)
    renameSync(link, join(home, 'current'))
    removeOld(home)
    return true
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** A library stands in one file, which every installation of it replaces. */
function placesOf(files: readonly string[]): string[] {
  const library = /^(?<folder>.*node_modules\/(?:@[^/]+\/)?[^/]+)\//
  const paths = files.map((path) => {
    const folder = library.exec(path)?.groups?.['folder']
    return folder === undefined ? path : `${folder}/package.json`
  })
  return [...new Set(paths)]
}

function removeOld(home: string): void {
  const bundles = readdirSync(home).filter((name) => /^\d+-\d+$/.test(name))
  const newestFirst = bundles.toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))
  for (const name of newestFirst.slice(kept)) {
    rmSync(join(home, name), { recursive: true, force: true })
  }
}
