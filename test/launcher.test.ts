import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

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
