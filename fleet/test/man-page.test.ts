/** docs/timeball.1 is what the commands say now; `node fleet/test/man-page.test.ts --write` makes it. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { version } from '../src/main/version.ts'
import { manPage } from './man-page.ts'

const path = join(import.meta.dirname, '../../docs/timeball.1')
const page = manPage(version)
if (process.argv.includes('--write')) writeFileSync(path, page)

test('the man page says what --help says', () => {
  assert.equal(readFileSync(path, 'utf8'), page)
  assert.match(page, /^\.SS rollout start \[options\]$/m)
  assert.match(page, /^\.B \\-C, \\-\\-directory <dir>$/m)
  assert.match(page, /^ {2}timeball plan \\-\\-offline$/m)
})
