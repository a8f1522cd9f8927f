/** A copy of this clone, which is edited while it is used. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bundleClone } from './bundle-clone.ts'

const here = join(import.meta.dirname, '../..')
const root = mkdtempSync(join(tmpdir(), 'timeball-clone-'))
const workspaces = ['lib', 'clock', 'inventory', 'fleet', 'time-server', 'lab']

function isSource(path: string): boolean {
  return !/\/(node_modules|dist|\.[^/]*)$/.test(path)
}

before(() => {
  const others = [
    'docs/runbooks',
    'docs/worst-nights.md',
    'package.json',
    'package-lock.json',
    'timeball',
  ]
  for (const name of [...workspaces, ...others]) {
    cpSync(join(here, name), join(root, name), { recursive: true, filter: isSource })
  }
  const modules = join(root, 'node_modules')
  mkdirSync(join(modules, '@timeball'), { recursive: true })
  for (const name of readdirSync(join(here, 'node_modules'))) {
    const isOurs = name === '@timeball' || name === '.cache'
    if (!isOurs) symlinkSync(join(here, 'node_modules', name), join(modules, name))
  }
  for (const name of workspaces) symlinkSync(join(root, name), join(modules, '@timeball', name))
})
after(() => rmSync(root, { recursive: true, force: true }))

/** Nobody has edited anything for a minute. */
const later = (): number => Date.now() + 60_000

function run(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  return { status, stdout, stderr }
}

const source = (): string => join(root, 'fleet/src/main/timeball.ts')
const bundled = (): string => join(root, '.bundle/current/main/timeball.cjs')
const described = (): string => run(join(root, 'timeball'), '--help').stdout

/** As long as before, and with its old time. */
function edit(path: string, from: string, to: string): void {
  const { atime, mtime } = statSync(join(root, path))
  const text = readFileSync(join(root, path), 'utf8')
  assert.ok(text.includes(from) && from.length === to.length)
  writeFileSync(join(root, path), text.replace(from, to))
  utimesSync(join(root, path), atime, mtime)
}

test('what is being edited is not bundled', async () => {
  assert.equal(await bundleClone(root, Date.now()), false)
  assert.deepEqual(readdirSync(join(root, '.bundle')), [])
})

test('a bundle says and does what the sources say and do', async () => {
  assert.equal(await bundleClone(root, later()), true)
  for (const words of [
    '--help',
    'rollout --help',
    'paln',
    'plan --offline -i lab/guide/inventory.yml',
  ]) {
    const args = words.split(' ')
    const [fromSource, fromBundle] = [source(), bundled()].map((program) =>
      run(process.execPath, program, ...args),
    )
    assert.deepEqual(fromBundle, fromSource)
  }
  assert.ok(existsSync(join(root, '.bundle/current/code/plan')), 'the bundle was run')
})

test('no chunk has an import(), which its loader cannot do without a warning', () => {
  const chunks = join(root, '.bundle/current/main')
  for (const name of readdirSync(chunks).filter((each) => each !== 'timeball.cjs')) {
    const code = readFileSync(join(chunks, name), 'utf8').replaceAll(/^\s*\*.*$/gm, '')
    assert.doesNotMatch(code, /\bimport\(/, name)
  }
})

test('a source that was edited is never run as it was', async () => {
  assert.match(described(), /time servers in time\./)
  edit('fleet/src/cli/build-program.ts', 'time servers in time.', 'time servers on time.')
  assert.match(described(), /time servers on time\./, 'just now')
  assert.equal(await bundleClone(root, later()), true)
  assert.match(described(), /time servers on time\./, 'and from a bundle')
})

test('a source of what a command never loaded before is not run as it was without a word', async () => {
  assert.equal(await bundleClone(root, later()), true)
  assert.equal(run(join(root, 'timeball'), 'help').status, 0)
  edit('fleet/src/cli/variable-lines.ts', 'is heard, too', 'is heeded too')
  const { stdout, stderr } = run(join(root, 'timeball'), 'help', 'environment')
  assert.match(stderr, /its sources were changed: run it again/)
  assert.match(stdout, /is heard, too/)
  assert.match(run(join(root, 'timeball'), 'help', 'environment').stdout, /is heeded too/)
})

test('a bundle that cannot be made leaves the sources to be run', () => {
  rmSync(join(root, '.bundle'), { recursive: true })
  writeFileSync(join(root, '.bundle'), '')
  assert.match(described(), /time servers on time\./)
})
