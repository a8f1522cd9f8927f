/**
 * Compiles the package: Node does not strip types below node_modules. Everything of the clone that
 * the CLI needs goes into `dist/main/`, next to what it reads by path; libraries stay outside.
 * `npm pack` runs it.
 */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'

const here = import.meta.dirname
const out = join(here, 'dist')
const libraries = [/^[a-z]/, /^@(hono|noble)\//]

rmSync(out, { recursive: true, force: true })
await build({
  input: join(here, 'src/main/timeball.ts'),
  platform: 'node',
  // Virtual Pis are for those who have a clone.
  external: [...libraries, /lab\/pis\//],
  output: {
    dir: join(out, 'main'),
    format: 'esm',
    banner: '#!/usr/bin/env node',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  },
})
await build({
  input: join(here, '../time-server/src/main.ts'),
  platform: 'node',
  output: { file: join(out, 'main/time-server.js'), format: 'esm', codeSplitting: false },
})
cpSync(join(here, 'src/device/applier'), join(out, 'device/applier'), { recursive: true })
cpSync(join(here, '../docs/runbooks'), join(out, 'runbooks'), { recursive: true })
cpSync(join(here, '../lab/embedded/bin'), join(out, 'main/bin'), { recursive: true })
