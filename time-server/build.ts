/**
 * Bundles the server with everything it imports into one file, `dist/time-server.js`, which is what
 * the image copies, and `packages.json` beside it, which says what it is made of. Usage:
 * `node time-server/build.ts [--version X] [--out FILE] [--main FILE]`, where `--main` is another
 * program to be bundled in its place. No network.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'rolldown'
import { packageList } from './bundled-packages.ts'
import manifest from './package.json' with { type: 'json' }

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    main: { type: 'string', default: fileURLToPath(new URL('src/main.ts', import.meta.url)) },
    out: {
      type: 'string',
      default: fileURLToPath(new URL('dist/time-server.js', import.meta.url)),
    },
  },
})

const {
  output: [bundle],
} = await build({
  input: values.main,
  platform: 'node',
  ...(values.version === undefined
    ? {}
    : { transform: { define: { TIMEBALL_VERSION: JSON.stringify(values.version) } } }),
  output: { file: values.out, format: 'esm', codeSplitting: false, banner: nodeCheck() },
})

const root = fileURLToPath(new URL('..', import.meta.url))
writeFileSync(join(dirname(values.out), 'packages.json'), packageList(root, bundle.moduleIds))

/** In words that every Node understands, before anything that an old one does not have. */
function nodeCheck(): string {
  const needed = manifest.engines.node.replace('>=', '')
  return `if (parseInt(process.versions.node, 10) < ${needed}) {
  console.error('time-server: this is Node ' + process.versions.node + ', and Node ${needed} or newer is needed')
  process.exit(1)
}`
}
