/**
 * docs/timeball.1, docs/command-line.md and the exit codes in docs/commands.md are what the commands
 * say now; `node fleet/test/man-page.test.ts --write` makes them.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { version } from '../src/main/version.ts'
import { commandLinePage, withExitCodes } from './command-line-page.ts'
import { manPage } from './man-page.ts'

const docs = join(import.meta.dirname, '../../docs')
const again = 'write it anew with: node fleet/test/man-page.test.ts --write'
const page = manPage(version)
const reference = commandLinePage()
const commands = withExitCodes(readFileSync(join(docs, 'commands.md'), 'utf8'))
const files = [
  ['timeball.1', page],
  ['command-line.md', reference],
  ['commands.md', commands],
] as const
if (process.argv.includes('--write')) {
  for (const [name, text] of files) writeFileSync(join(docs, name), text)
}

for (const [name, text] of files) {
  test(`docs/${name} says what --help says`, () => {
    assert.equal(readFileSync(join(docs, name), 'utf8'), text, again)
  })
}

test('every command is in them, with its options and examples', () => {
  assert.match(page, /^\.SS rollout start \[options\]$/m)
  assert.match(page, /^\.B \\-C, \\-\\-directory <dir>$/m)
  assert.match(page, /^ {2}timeball plan \\-\\-offline$/m)
  assert.match(reference, /^## rollout start\n\n`timeball rollout start \[options\]`\n/m)
  assert.match(reference, /^timeball plan --offline$/m)
  assert.match(commands, /^\| 64 \| bad usage or bad input; nothing was changed \|$/m)
})
