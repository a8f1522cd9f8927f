/** The applier under busybox, its lint, and real folders that are full. Needs root for the mounts. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { applierOf, applierParts, partFile, modes } from '../core/bundle/applier.ts'
import { applySuite } from './test/apply-suite.ts'
import { askSuite } from './test/ask-suite.ts'
import { contractSuite } from './test/contract-suite.ts'
import { observeSuite } from './test/observe-suite.ts'
import { packageSuite } from './test/package-suite.ts'
import { shadowSuite } from './test/shadow-suite.ts'
import { apply, contentsOf, newDevice, paths } from './test/site.ts'
import { troubleSuite } from './test/trouble-suite.ts'
import { wayBackSuite } from './test/way-back-suite.ts'

function run(command: string, ...args: string[]): string {
  const { stdout, stderr, status, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${command} is missing: install it`, { cause: error })
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

const texts = new Map(
  applierParts
    .filter((part) => part !== 'ask')
    .map((part) => [
      part,
      readFileSync(join(import.meta.dirname, 'applier', partFile(part)), 'utf8'),
    ]),
)

function shellcheck(program: string, ...options: string[]): void {
  const args = ['-s', 'sh', ...options, '-']
  const { stdout, status, error } = spawnSync('shellcheck', args, {
    input: program,
    encoding: 'utf8',
  })
  if (error !== undefined) throw new Error('shellcheck is missing: install it', { cause: error })
  assert.equal(status, 0, stdout)
}

before(() => {
  run('busybox', 'true')
})

describe('the applier', () => {
  test('is POSIX sh without a complaint of shellcheck, taken whole', () => {
    shellcheck([...texts.values()].join('\n'))
    for (const name of ['porter.sh', 'install.sh']) {
      shellcheck(readFileSync(join(import.meta.dirname, 'account', name), 'utf8'))
    }
  })

  for (const mode of modes.filter((each) => each !== 'ask')) {
    test(`the program of ${mode} is, too`, () => {
      // Its parts set variables and take arguments that only other programs use.
      shellcheck(applierOf(texts)(mode).text, '--exclude=SC2034,SC2119,SC2120')
    })
  }

  for (const folder of ['/var/lib', '/opt']) {
    test(`a ${folder} without space is told before anything is touched`, (t) => {
      const device = newDevice('sh')
      device.write(`${folder}/mount/keep`, '')
      device.remove(`${folder}/mount`)
      const target = device.path(folder)
      run('mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', target)
      t.after(() => {
        run('umount', target)
        device.dispose()
      })
      const { end } = apply(device, contentsOf('a')).report()
      assert.ok(end.status === 'failed')
      assert.equal(end.failure.code, 'no-space')
      assert.equal(end.failure.detail.includes(device.root), false)
      assert.equal(device.read(paths.gpsd), null)
    })
  }
})

askSuite('busybox')
observeSuite('busybox')
applySuite('busybox')
packageSuite('busybox')
shadowSuite('busybox')
wayBackSuite('busybox')
troubleSuite('busybox')
contractSuite('busybox')
