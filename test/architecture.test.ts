/** The layers of fleet/src, the purity of core/, and the sizes of files, as a test. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const source = join(root, 'fleet/src')

/** Which folders a folder of fleet/src may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  device: ['core'],
  ports: ['core', 'device/report.ts'],
  engines: ['core', 'device', 'ports'],
  stores: ['core', 'device', 'ports'],
  probes: ['core', 'device', 'ports'],
  app: ['core', 'device', 'ports'],
  api: ['core'],
  server: ['api', 'app', 'core', 'ports'],
  cli: ['api', 'app', 'core', 'ports'],
  main: ['core', 'device', 'ports', 'engines', 'stores', 'probes', 'app', 'api', 'server', 'cli'],
}

/** Workspaces that a folder of fleet/src may import. */
const mayImportWorkspace: Readonly<Record<string, readonly string[]>> = {
  core: ['@timeball/clock', '@timeball/inventory', '@timeball/lib'],
  device: ['@timeball/lib'],
  ports: ['@timeball/clock', '@timeball/lib'],
  engines: ['@timeball/lib'],
  stores: ['@timeball/inventory', '@timeball/lib'],
  probes: ['@timeball/clock', '@timeball/lib'],
  app: ['@timeball/clock', '@timeball/lib'],
  api: ['@timeball/lib'],
  server: ['@timeball/lib'],
  cli: ['@timeball/clock', '@timeball/inventory', '@timeball/lib'],
  main: ['@timeball/clock', '@timeball/inventory', '@timeball/lab', '@timeball/lib'],
}

const files = globSync('**/*.ts', { cwd: source }).map((path) => ({
  path,
  text: readFileSync(join(source, path), 'utf8'),
}))
const production = files.filter(({ path }) => !/\.(test|contract)\.ts$|\/test\//.test(path))

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

test('every folder of fleet/src is a layer', () => {
  const folders = new Set(files.map(({ path }) => path.split('/')[0] ?? ''))
  for (const folder of folders) assert.ok(folder in mayImport, `fleet/src/${folder} is no layer`)
})

test('imports point only where the layers allow', () => {
  const wrong = production.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((target) => !isAllowed(path, target))
      .map((target) => `${path} -> ${target}`),
  )
  assert.deepEqual(wrong, [])
})

function isAllowed(path: string, target: string): boolean {
  const layer = path.split('/')[0] ?? ''
  if (target.startsWith('@timeball/')) {
    const workspace = target.split('/').slice(0, 2).join('/')
    return mayImportWorkspace[layer]?.includes(workspace) ?? false
  }
  if (!target.startsWith('.')) return true
  const to = relative(source, join(source, dirname(path), target))
  const allowed = [layer, ...(mayImport[layer] ?? [])]
  return allowed.some((prefix) => to === prefix || to.startsWith(`${prefix}/`))
}

test('core/ has no clock, no asynchrony and no Node', () => {
  const wrong = production
    .filter(({ path }) => path.startsWith('core/'))
    .flatMap(({ path, text }) =>
      ['new Date(', 'async ', "'node:"]
        .filter((word) => text.includes(word))
        .map((word) => `${path}: ${word}`),
    )
  assert.deepEqual(wrong, [])
})

test('sizes, as a number that people see', (context) => {
  const lines = globSync('{lib,clock,inventory,fleet,time-server,lab}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
    .filter((path) => !/\.(test|contract)\.ts$/.test(path))
    .map((path) => readFileSync(join(root, path), 'utf8').split('\n').length)
    .toSorted((a, b) => a - b)
  const at = (share: number): number => lines[Math.floor(lines.length * share)] ?? 0
  context.diagnostic(
    `${lines.length} files, lines: median ${at(0.5)}, p90 ${at(0.9)}, max ${lines.at(-1)}`,
  )
  assert.ok(lines.length > 0)
})

test('no file names the place where this clone stands', () => {
  const tracked = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).stdout
  const paths = tracked.split('\0').filter((path) => path !== '')
  const wrong = paths.filter((path) => readFileSync(join(root, path), 'utf8').includes(`${root}/`))
  assert.ok(paths.length > 0)
  assert.deepEqual(wrong, [])
})
