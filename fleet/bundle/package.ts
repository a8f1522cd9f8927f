/**
 * Makes `dist/` of the published package: the program with its libraries, and what it reads by path.
 * `npm pack` runs it.
 */
import { createHash } from 'node:crypto'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { packageList } from '../../time-server/bundled-packages.ts'
import { bundleProgram } from './bundle-program.ts'
import { noticesOf } from './notices.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'fleet/dist')

rmSync(out, { recursive: true, force: true })
// Virtual Pis are for those who have a clone. The demo's SSH server is installed by who wants it.
const sources = await bundleProgram({ root, out, external: [/lab\/pis\//, /^ssh2$/] })
const {
  output: [timeServer],
} = await build({
  input: join(root, 'time-server/src/main.ts'),
  platform: 'node',
  output: {
    file: join(out, 'main/time-server.js'),
    format: 'esm',
    codeSplitting: false,
    // The demo's images are of several versions, and each says that of its label.
    banner: 'globalThis.TIMEBALL_VERSION = process.env.TIMEBALL_VERSION;',
  },
})
writeFileSync(join(out, 'main/packages.json'), packageList(root, timeServer.moduleIds))
for (const name of ['Dockerfile', 'Dockerfile.base', 'image']) {
  cpSync(join(root, 'time-server', name), join(out, 'main/image', name), { recursive: true })
}
cpSync(join(root, 'lab/embedded/bin'), join(out, 'main/bin'), { recursive: true })
cpSync(join(root, 'docs/timeball.1'), join(out, 'timeball.1'))
writeFileSync(
  join(out, 'THIRD-PARTY-NOTICES.txt'),
  noticesOf(root, [...[...sources.values()].flat(), ...timeServer.moduleIds]),
)
writeFileSync(join(out, 'main/build'), digestOf(out))

/** Names what V8 made of exactly these chunks. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const chunk of globSync('main/*.cjs', { cwd: folder }).toSorted()) {
    hash.update(readFileSync(join(folder, chunk)))
  }
  return hash.digest('hex').slice(0, 16)
}
