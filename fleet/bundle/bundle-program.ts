/** Bundles the program with its libraries, in chunks that are loaded when they are needed. */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { build, type Plugin } from 'rolldown'
import { z } from 'zod'

export interface BundleOptions {
  /** Of the clone. */
  readonly root: string
  readonly out: string
  /** What stays outside. */
  readonly external: readonly RegExp[]
}

/**
 * `main/timeball.cjs` is what is started; it loads `main/program.cjs`. They are CommonJS: an import
 * of a part of Node costs more than a require. The result is the files that the bundle was made of,
 * relative to the root.
 */
export async function bundleProgram({ root, out, external }: BundleOptions): Promise<string[]> {
  const files = new Set<string>()
  const plugins = [withoutSubprograms, collectFiles(files)]
  const output = {
    dir: join(out, 'main'),
    format: 'cjs',
    strict: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
  } as const
  await build({
    platform: 'node',
    plugins,
    input: { program: join(root, 'fleet/src/main/timeball.ts') },
    external: [...external],
    // Scripts of `load-chunks.ts` have no import(), but for a warning that Node shows people.
    output: { ...output, dynamicImportInCjs: false },
  })
  await build({
    platform: 'node',
    plugins,
    input: { timeball: join(root, 'fleet/bundle/start.ts') },
    transform: { target: 'es2017' },
    output: { ...output, banner: nodeCheck(root) },
  })
  for (const [from, to] of readByPath) {
    cpSync(join(root, from), join(out, to), { recursive: true })
    for (const name of readdirSync(join(root, from))) files.add(join(root, from, name))
  }
  return [...files].map((path) => relative(root, path)).toSorted()
}

/** Folders that the program reads, and where it finds them from its own. */
const readByPath = [
  ['fleet/src/device/applier', 'device/applier'],
  ['docs/runbooks', 'runbooks'],
] as const

const nothing = '\0nothing'

/** commander can start programs as subcommands. We have none, and Node prepares for it for long. */
const withoutSubprograms: Plugin = {
  name: 'without-subprograms',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer?.includes('/commander/') === true ? nothing : null,
  load: (id) => (id === nothing ? 'export default {}' : null),
}

/** Names of all files that are read, also of those of which nothing is left. */
export function collectFiles(files: Set<string>): Plugin {
  return {
    name: 'collect-files',
    buildEnd() {
      for (const id of this.getModuleIds()) if (isAbsolute(id)) files.add(id)
    },
  }
}

/**
 * Node starts with room for a short command's whole youth, which saves a fifth of its time: V8 would
 * begin with 1 MB and clean up six times. Then, in words that every Node understands, before anything
 * that an old one does not have, whether it is new enough.
 */
function nodeCheck(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'fleet/package.json'), 'utf8'))
  const { engines } = z.object({ engines: z.object({ node: z.string() }) }).parse(manifest)
  const needed = engines.node.replace('>=', '')
  return `#!/usr/bin/env -S node --min-semi-space-size=16
if (parseInt(process.versions.node, 10) < ${needed}) {
  console.error('timeball: this is Node ' + process.versions.node + ', and Node ${needed} or newer is needed: ' +
    'get it from https://nodejs.org, or with npm install --global node@${needed}');
  process.exit(1);
}`
}
