/** The published package: packed, installed into an empty folder, and used there. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { publint } from 'publint'

const fleet = join(import.meta.dirname, '../fleet')
const folder = mkdtempSync(join(tmpdir(), 'timeball-package-'))
const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`

function run(command: string, args: readonly string[], cwd = folder): string {
  const env = { ...process.env, PATH: path, API_KEY_1: 'canary-of-the-package' }
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 240_000 })
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`)
  return done.stdout
}

const timeball = join(folder, 'node_modules/.bin/timeball')
const installed = join(folder, 'node_modules/timeball')

function isLibrary(name: string): boolean {
  return !name.startsWith('.')
}

before(() => {
  run('npm', ['pack', '--silent', '--pack-destination', folder], fleet)
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', './timeball-0.1.0.tgz'])
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('what is packed passes publint', async () => {
  const { messages } = await publint({ pkgDir: fleet, level: 'warning' })
  assert.deepEqual(messages, [])
})

test('the installed package plans offline', () => {
  writeFileSync(
    join(folder, 'inventory.yml'),
    'all:\n  hosts:\n    pi-1: { ansible_host: 192.0.2.1 }\n',
  )
  const plan = run(timeball, ['plan', '--offline'])
  assert.match(plan, /Plan: \d+ to create, \d+ to change, 0 to remove on 1 device/)
  assert.ok(!plan.includes('canary'))
})

test('the runbooks that the controller shows are in the package', () => {
  assert.ok(existsSync(join(installed, 'dist/runbooks/ServiceDown.md')))
  assert.ok(existsSync(join(installed, 'dist/worst-nights.md')))
  assert.ok(existsSync(join(installed, 'dist/timeball.1')))
})

test('the installed package brings all it needs in itself, with the licences', () => {
  const manifest: unknown = JSON.parse(run('npm', ['ls', '--all', '--json']))
  assert.partialDeepStrictEqual(manifest, { dependencies: { timeball: { version: '0.1.0' } } })
  assert.deepEqual(readdirSync(join(folder, 'node_modules')).filter(isLibrary), ['timeball'])
  const notices = readFileSync(join(installed, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')
  for (const name of ['zod', 'commander', 'yaml']) {
    assert.match(notices, new RegExp(`^${name} [\\d.]+ \\((MIT|ISC)\\)$`, 'm'))
  }
})

test('an older Node is told which one is needed, and how to get it', () => {
  const older = join(folder, 'older-node.cjs')
  writeFileSync(
    older,
    "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })\n",
  )
  const done = spawnSync(process.execPath, ['--require', older, timeball, 'plan'], {
    encoding: 'utf8',
  })
  assert.equal(done.status, 1)
  assert.match(
    done.stderr,
    /^timeball: this is Node 20\.20\.2, and Node 26 or newer is needed: .+\n$/,
  )
})

test('the demo says which library it needs, and runs with it', () => {
  const done = spawnSync(process.execPath, [timeball, 'demo', '--once'], { encoding: 'utf8' })
  assert.equal(done.status, 1)
  assert.match(done.stderr, /^timeball: .*ssh2.*npm install --global ssh2\n$/)
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', 'ssh2@1.17.0'])
  const lines = run(timeball, ['demo', '--once', '--json']).trim().split('\n')
  const result: unknown = JSON.parse(lines.at(-1) ?? '')
  assert.partialDeepStrictEqual(result, { type: 'result', exit: 0, devices: 4 })
})

test('the lab says that it needs a clone', () => {
  const done = spawnSync(process.execPath, [timeball, 'lab', 'status'], { encoding: 'utf8' })
  assert.equal(done.status, 1)
  assert.match(done.stderr, /needs a clone/)
})
