/** The layers of the project, the order and purity of core/, and the sizes of files, as a test. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { coreOrder, layerMistakes, layers, type SourceFile } from './layers.ts'

const root = join(import.meta.dirname, '..')

const files = globSync('{lib,inventory,clock,time-server,fleet}/src/**/*.ts', { cwd: root }).map(
  (path): SourceFile => ({ path, text: readFileSync(join(root, path), 'utf8') }),
)

function foldersIn(prefix: string): Set<string> {
  const names = files
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path }) => path.slice(prefix.length).split('/'))
  return new Set(names.flatMap(([folder = '', ...rest]) => (rest.length > 0 ? [folder] : [])))
}

test('every folder of fleet/src is a layer, and every folder of core/ has its place', () => {
  for (const folder of foldersIn('fleet/src/')) assert.ok(`fleet/src/${folder}` in layers, folder)
  assert.deepEqual(
    [...foldersIn('fleet/src/core/')].toSorted(),
    coreOrder.toSorted(),
    'the order of core/ names its folders',
  )
})

test('imports point only where the layers allow', () => {
  assert.ok(files.length > 300)
  assert.deepEqual(layerMistakes(files), [])
})

const leaks: readonly (readonly [path: string, text: string, mistake: string])[] = [
  ['core/leak.ts', "import { Hono } from 'hono'", 'hono'],
  ['core/leak.ts', 'import "hono"', 'hono'],
  ['core/leak.ts', "const late = await import('hono')", 'hono'],
  ['core/leak.ts', "import type { Hono } from 'hono'", 'hono'],
  ['core/leak.ts', "export { Hono } from 'hono'", 'hono'],
  ['core/leak.ts', "import {\n  a,\n  b,\n} from '../app/send.ts'", '../app/send.ts'],
  [
    'core/leak.ts',
    "import { runProcess } from '@timeball/lib/run-process.ts'",
    '@timeball/lib/run-process.ts: it touches the system',
  ],
  [
    'core/device/leak.ts',
    "import { judgeHealth } from '../health/judge.ts'",
    '../health/judge.ts: against the order of core/',
  ],
  [
    'core/leak.ts',
    "import type { Fleet } from './fleet/fleet.ts'",
    './fleet/fleet.ts: against the order of core/',
  ],
  ['app/leak.ts', "import { readFileSync } from 'node:fs'", 'node:fs'],
  ['elsewhere/leak.ts', "import { z } from 'zod'", 'zod: it is in no layer'],
]

for (const [path, text, mistake] of leaks) {
  test(`a planted ${path} is found: ${JSON.stringify(text)}`, () => {
    const planted = { path: `fleet/src/${path}`, text: `/** A leak. */\n${text}\n` }
    assert.deepEqual(layerMistakes([...files, planted]), [`fleet/src/${path} -> ${mistake}`])
  })
}

/** What decides whether a fleet is changed, and what a store remembers of a change. */
const deciding =
  /core\/rollout\/requests\.ts|planning\/freeze\.ts|\.(?:acquire|append|block|unblock|request|takeRequests)\(/

test('the command line only shows: app/operate decides whether a fleet is changed', () => {
  const showing = files.filter(
    ({ path }) => /^fleet\/src\/(?:cli|server)\//.test(path) && !path.endsWith('.test.ts'),
  )
  assert.ok(showing.length > 30)
  const found = showing.filter(({ text }) => deciding.test(text)).map(({ path }) => path)
  assert.deepEqual(found, [])
})

/** A variable of a module, or a collection in one that is not read-only, outlives what was asked. */
const moduleState =
  /^(?:export )?(?:let |const \w+(?:: (?!Readonly)[^=\n]+)? = new (?:Map|Set)\b[^(\n]*\(\)$)/m
/** The process itself, and a part of Intl that is slow to make. */
const ofTheProcess = /^fleet\/src\/main\/timeball\.ts$|^fleet\/src\/core\/table\.ts$/

test('modules keep nothing between two calls, so that a process may hold several fleets', () => {
  const found = files
    .filter(({ path }) => path.startsWith('fleet/src/') && !/\.test\.ts$|\/test\//.test(path))
    .filter(({ path }) => !ofTheProcess.test(path))
    .filter(({ text }) => moduleState.test(text))
    .map(({ path }) => path)
  assert.deepEqual(found, [])
  assert.ok(moduleState.test('const seen = new Map<string, number>()'))
})

test('inventory/ and lib/ are held to their own tables', () => {
  const planted = [
    { path: 'inventory/src/leak.ts', text: "import { readFileSync } from 'node:fs'" },
    { path: 'lib/src/leak.ts', text: "import { z } from 'zod'" },
  ]
  assert.deepEqual(layerMistakes([...files, ...planted]), [
    'inventory/src/leak.ts -> node:fs',
    'lib/src/leak.ts -> zod',
  ])
})

test('core/ has no clock, no asynchrony and nothing of Node but its digests', () => {
  const wrong = files
    .filter(({ path }) => path.startsWith('fleet/src/core/') && !/\.test\.ts$|\/test\//.test(path))
    .flatMap(({ path, text }) =>
      ['new Date(', 'async ', "'node:"]
        .filter((word) => text.replace("{ createHash } from 'node:crypto'", '').includes(word))
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
