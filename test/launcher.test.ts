import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'

const folder = mkdtempSync(join(tmpdir(), 'timeball-launcher-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const launcher = join(import.meta.dirname, '../timeball')

test('a new clone in which one may not write says so in a sentence', () => {
  const clone = join(folder, 'clone')
  mkdirSync(clone)
  copyFileSync(launcher, join(clone, 'timeball'))
  for (const path of [clone, folder]) chmodSync(path, 0o555)
  // Root may write everywhere: nobody may not.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const done = spawnSync('sh', ['timeball', 'plan'], { cwd: clone, encoding: 'utf8', ...user })
  chmodSync(folder, 0o755)
  assert.equal(done.status, 1)
  assert.match(
    done.stderr,
    /^timeball: .*\/clone lacks Node and the libraries, and \S+ may not write there: run .* as its owner, or clone .*\n$/,
  )
  assert.equal(done.stdout, '')
})

test('it is found by any link, and by its name in its own folder', () => {
  const link = join(folder, 'timeball')
  symlinkSync(launcher, link)
  const version = { status: 0, stdout: '0.1.0\n', stderr: '' }
  for (const [command, cwd] of [
    [link, '/'],
    ['./timeball', join(launcher, '..')],
    ['sh timeball', join(launcher, '..')],
  ] as const) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', `${command} --version`], {
      cwd,
      encoding: 'utf8',
    })
    assert.deepEqual({ status, stdout, stderr }, version, command)
  }
})

function program(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
}

test('two first uses at once install once', async () => {
  const clone = join(folder, 'two')
  const programs = join(clone, 'programs')
  mkdirSync(join(clone, 'node_modules/node/bin'), { recursive: true })
  mkdirSync(programs)
  copyFileSync(launcher, join(clone, 'timeball'))
  writeFileSync(join(clone, 'package-lock.json'), '{}\n')
  program(join(clone, 'node_modules/node/bin/node'), 'echo v0')
  program(join(programs, 'cmp'), `echo >>asked\n[ "$(cat "$2")" = "$(cat "$3" 2>&1)" ]`)
  // It installs until both have asked whether they need it, the first of them twice.
  const both = 'until [ "$(wc -l <asked)" -ge 3 ] || [ $((n += 1)) -gt 600 ]; do sleep 0.1; done'
  program(join(programs, 'npm'), `echo "$1" >>ran\nn=0\n[ "$1" != install ] || ${both}`)
  const start = (): Promise<unknown> =>
    promisify(execFile)('sh', ['timeball', 'plan'], {
      cwd: clone,
      env: { PATH: `${programs}:${process.env['PATH']}` },
    })
  await Promise.all([start(), start()])
  assert.equal(readFileSync(join(clone, 'ran'), 'utf8'), 'install\nrebuild\n')
})
