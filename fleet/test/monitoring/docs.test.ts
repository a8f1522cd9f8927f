/**
 * The documentation of monitoring says what the code does. Its table of alerts is written anew
 * with: node fleet/test/monitoring/docs.test.ts --write
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { alertNames } from '../../src/core/monitoring/alert-names.ts'
import { alertTable } from '../../src/core/monitoring/alert-table.ts'
import { fleetOf } from '../make-fleet.ts'

const root = join(import.meta.dirname, '../../..')
const page = join(root, 'docs/monitoring.md')
const runbooks = join(root, 'docs/runbooks')

const begin = '<!-- alerts: written by node fleet/test/monitoring/docs.test.ts --write -->\n'
const end = '<!-- /alerts -->'
const table = alertTable(fleetOf(), 'runbooks')
if (process.argv.includes('--write')) {
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(begin)
  writeFileSync(page, `${before}${begin}${table}${end}${rest.split(end)[1]}`)
}

test('the table of alerts in docs/monitoring.md is that of the code', () => {
  const text = readFileSync(page, 'utf8')
  assert.ok(
    text.includes(`${begin}${table}${end}`),
    'node fleet/test/monitoring/docs.test.ts --write',
  )
})

test('every alert has a runbook that says what to look at and what to do, and no other has one', () => {
  assert.deepEqual(
    readdirSync(runbooks).toSorted(byName),
    alertNames.map((name) => `${name}.md`).toSorted(byName),
  )
  for (const name of alertNames) {
    const text = readFileSync(join(runbooks, `${name}.md`), 'utf8')
    assert.match(text, new RegExp(`^# ${name}\n\n\\S[^]+\n## Look\n- [^]+\n## Do\n- `))
  }
})

function byName(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** What the help lists, of the program or of a group of commands. */
function commandsOf(...group: readonly string[]): Set<string> {
  const program = join(root, 'fleet/src/main/timeball.ts')
  const { stdout } = spawnSync(process.execPath, [program, ...group, '--help'], {
    encoding: 'utf8',
  })
  return new Set([...stdout.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name = '']) => name))
}

test('runbooks name only commands and runbooks that exist', () => {
  const commands = commandsOf()
  for (const group of ['rollout', 'monitoring']) {
    for (const name of commandsOf(group)) commands.add(`${group} ${name}`)
  }
  assert.ok(commands.has('health') && commands.has('rollout resume'))
  for (const file of readdirSync(runbooks)) {
    const text = readFileSync(join(runbooks, file), 'utf8')
    for (const [, name = ''] of text.matchAll(/`timeball ((?:(?:rollout|monitoring) )?[a-z]+)/g)) {
      assert.ok(commands.has(name), `${file}: ${name}`)
    }
    for (const [, link] of text.matchAll(/\]\((\w+)\.md\)/g)) {
      assert.ok(
        alertNames.some((name) => name === link),
        `${file}: ${link}`,
      )
    }
  }
})
