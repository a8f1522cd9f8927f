/** Output that cannot be written, and readers that go away: the table of docs/commands.md. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { guideInventory } from './make-fleet.ts'
import { timeballProgram } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-outputs-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), guideInventory)

/** A line of bash; `timeball` stands for the program. */
function bash(line: string) {
  const script = `set -o pipefail; timeball() { "${process.execPath}" "${timeballProgram}" "$@"; }; ${line}`
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], API_KEY_1: 'a-good-key-000001' },
  })
  return { status, stdout, stderr }
}

for (const words of [
  'inventory --list',
  'plan --offline',
  'plan --offline --json',
  '--help',
  '--version',
]) {
  test(`${words} on a full disk ends with 1 and a message`, () => {
    assert.deepEqual(bash(`timeball ${words} > /dev/full`), {
      status: 1,
      stdout: '',
      stderr: 'timeball: the output cannot be written: ENOSPC: no space left on device, write\n',
    })
  })
}

test('a reader that has enough is fine', () => {
  const { status, stdout, stderr } = bash('timeball plan --offline | head -n 1')
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /^Fleet: 4 devices/)
})

test('messages that nobody reads, or that cannot be written, change nothing', () => {
  for (const to of ['2> >(true)', '2> /dev/full', '2>&-']) {
    const { status, stdout } = bash(`timeball plan --offline --out plan.json ${to}`)
    assert.equal(status, 0, to)
    assert.match(stdout, /^Plan: /m)
  }
})

test('a plan that cannot be saved is a failure of the machine, unless the path is wrong', () => {
  const full = bash('timeball plan --offline --out /dev/full')
  assert.equal(full.status, 1)
  assert.match(full.stderr, /^\/dev\/full: .*\n {4}Make room/)
  assert.equal(bash('timeball plan --offline --out none/plan.json').status, 64)
})
