import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { pagedOutput, pagerFor } from './pager.ts'
import type { Output } from './output.ts'

test('a pager is for commands that say all at their end, as $PAGER says', () => {
  const withPager = { PAGER: 'more' }
  assert.equal(pagerFor(['-C', 'x', 'plan', 'all'], withPager), 'more')
  for (const words of ['health --watch', 'logs -F', 'doctor all --fix', 'apply', 'run -- ls', '']) {
    assert.equal(pagerFor(words.split(' '), withPager), null, words)
  }
  for (const PAGER of ['', ' ', 'cat']) assert.equal(pagerFor(['plan'], { PAGER }), null)
  assert.equal(pagerFor(['plan'], { PAGER: 'more', TERM: 'dumb' }), null)
})

function screen(): Output & { readonly shown: string[] } {
  const shown: string[] = []
  const write = (text: string): void => void shown.push(text)
  return { shown, isTerminal: true, columns: () => 80, write, onLoss: () => {} }
}

test('what fits on the screen, or has no pager, is written as it is, and once', () => {
  for (const [text, pager] of [
    ['short\n', 'false'],
    ['long\n'.repeat(9), 'no-such-program-here 2>/dev/null'],
  ] as const) {
    const to = screen()
    const paged = pagedOutput(to, pager, { environment: process.env, rows: () => 5 })
    paged.write(text)
    paged.finish('paged')
    paged.finish('plain')
    assert.deepEqual(to.shown, [text])
  }
})

test('on a terminal long output is piped through it', () => {
  const program = join(import.meta.dirname, 'timeball.ts')
  const line = (command: string): string =>
    `stty rows 12 cols 80; ${process.execPath} ${program} ${command}`
  const run = (command: string): string =>
    spawnSync('script', ['--quiet', '--command', line(command), '/dev/null'], {
      encoding: 'utf8',
      input: '',
      env: { ...process.env, PAGER: 'sed s/^/paged:/', TERM: 'xterm', NO_COLOR: '1' },
    }).stdout
  assert.match(run('explain'), /^paged:/m)
  const short = run('explain 64')
  assert.match(short, /^64 \(exit code\)/m)
  assert.doesNotMatch(short, /^paged:/m)
})
