/** Bundles the program with its libraries, in chunks that are loaded when they are needed. */
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'rolldown'
import { z } from 'zod'
import { buildPage } from '../../dashboard/build.ts'

export interface BundleOptions {
  /** Of the clone. */
  readonly root: string
  readonly out: string
  /** What stays outside. */
  readonly external: readonly RegExp[]
}

/** The files that each chunk was made of: paths, relative to the root. */
export type Sources = ReadonlyMap<string, readonly string[]>

/**
 * `main/timeball.cjs` is what is started; it loads `main/program.cjs`. They are CommonJS: an import
 * of a part of Node costs more than a require. What is in no chunk of its own counts to the program.
 */
export async function bundleProgram({ root, out, external }: BundleOptions): Promise<Sources> {
  const files = new Set<string>()
  const plugins = [leanCommander, leanZod, collectFiles(files)]
  const output = {
    dir: join(out, 'main'),
    format: 'cjs',
    strict: true,
    // Notices stand in a file of their own.
    comments: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
  } as const
  const { output: made } = await build({
    platform: 'node',
    plugins: [...plugins, asScripts],
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
  const chunkOf = new Map<string, string>()
  for (const chunk of made) {
    if (chunk.type !== 'chunk') continue
    for (const id of chunk.moduleIds) chunkOf.set(id, chunk.fileName)
  }
  for (const { source, place, reader } of readByPath) {
    cpSync(join(root, source), join(out, place), { recursive: true })
    for (const path of filesAt(join(root, source))) {
      files.add(path)
      chunkOf.set(path, chunkOf.get(join(root, reader)) ?? 'program.cjs')
    }
  }
  for (const path of await buildPage(join(out, 'page'))) {
    files.add(path)
    chunkOf.set(path, chunkOf.get(join(root, 'fleet/src/main/page.ts')) ?? 'program.cjs')
  }
  const byChunk = Map.groupBy(files, (path) => chunkOf.get(path) ?? 'program.cjs')
  return new Map(
    [...byChunk].map(([chunk, paths]) => [chunk, paths.map((path) => relative(root, path))]),
  )
}

/** A file, or those of a folder. */
function filesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).map((name) => join(path, name))
}

/** Files and folders that the program reads, where it finds them from its own, and what reads them. */
const readByPath = [
  {
    source: 'fleet/src/device/account',
    place: 'device/account',
    reader: 'fleet/src/main/account.ts',
  },
  {
    source: 'fleet/src/device/applier',
    place: 'device/applier',
    reader: 'fleet/src/main/applier.ts',
  },
  {
    source: 'fleet/src/engines/ansible/playbook',
    place: 'engines/ansible/playbook',
    reader: 'fleet/src/main/outside.ts',
  },
  {
    source: 'fleet/src/engines/salt/minion',
    place: 'engines/salt/minion',
    reader: 'fleet/src/main/outside.ts',
  },
  { source: 'docs/runbooks', place: 'runbooks', reader: 'fleet/src/main/runbooks.ts' },
  {
    source: 'docs/worst-nights.md',
    place: 'worst-nights.md',
    reader: 'fleet/src/main/runbooks.ts',
  },
] as const

/**
 * commander imports these parts of Node as one thing, of which bundlers make a copy. It can start
 * programs as subcommands; we have none, and Node prepares for it for long.
 */
const partsOfCommander: Readonly<Record<string, string>> = {
  'node:child_process': 'export default {}',
  'node:fs': "export default process.getBuiltinModule('node:fs')",
  'node:path': "export default process.getBuiltinModule('node:path')",
  'node:process': 'export default process',
}

const leanCommander: Plugin = {
  name: 'lean-commander',
  resolveId: (id, importer) =>
    id in partsOfCommander && importer?.includes('/commander/') === true ? `\0${id}` : null,
  load: (id) => (id.startsWith('\0') ? partsOfCommander[id.slice(1)] : null),
}

/**
 * zod stands in one chunk, which most commands load, with what is used of it. `@hono/zod-openapi`
 * hands all of it on, as one thing, though it needs one class.
 */
const zod = fileURLToPath(import.meta.resolve('zod'))
const leanZod: Plugin = {
  name: 'lean-zod',
  resolveId: (id, importer) =>
    id === 'zod' && importer?.includes('/@hono/zod-openapi/') === true ? '\0lean-zod' : null,
  load: (id) =>
    id === '\0lean-zod'
      ? `import { ZodType } from ${JSON.stringify(zod)}; export const z = { ZodType }`
      : null,
}

/**
 * What `load-chunks.ts` runs: the function that CommonJS makes of a module, whole in the file, since
 * putting it together at each start takes longer than reading it; in ASCII, of which V8 makes strings
 * of one byte a letter without looking.
 */
const asScripts: Plugin = {
  name: 'as-scripts',
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue
      const head = '(function (exports, require, module, __filename, __dirname) {'
      file.code = `${head}\n${escaped(file.code)}\n})`
    }
  },
}

function escaped(code: string): string {
  return code.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Names of all files that are read, also of those of which nothing is left. */
function collectFiles(files: Set<string>): Plugin {
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
