/**
 * `timeball image check` with a real Docker engine: images that break the device contract in one way
 * each. Needs root, and Debian's docker.io, iproute2, iptables and util-linux.
 */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { runProgram, timeballProgram, type Ended } from '../run-program.ts'
import { startEngine, type Engine } from './engine.ts'

const cases = {
  none: {},
  lies: { health: /^it answers 200, and was given no source of time$/ },
  open: { api: /^its API answers without a key/ },
  metrics: { metrics: /^its metrics have no disk_usage_percent$/ },
  silent: { ntp: /no answer|nothing/ },
  deaf: { sigterm: /^it did not end within 10 s, and was killed$/ },
  writes: { 'read-only root': /^it answers only with a writable root: it ended with 1: .*EROFS/ },
  rights: { 'read-only root': /first$/, capabilities: /^it answers only with Docker's usual ones/ },
} as const satisfies Record<string, Readonly<Record<string, RegExp>>>

const row = z.looseObject({ check: z.string(), state: z.string(), message: z.string() })
let engine: Engine

before(
  async () => {
    engine = await startEngine(mkdtempSync(join(tmpdir(), 'tb-check-')))
    await engine.build([...Object.keys(cases), 'ends'])
  },
  { timeout: 180_000 },
)
after(() => engine.stop())

function check(...args: readonly string[]): Promise<Ended> {
  const [program, ...words] = [...engine.inside, process.execPath, timeballProgram]
  const place = { cwd: tmpdir(), env: { DOCKER_HOST: engine.host } }
  return runProgram(program, [...words, 'image', 'check', ...args], place)
}

for (const [flaw, expected] of Object.entries<Readonly<Record<string, RegExp>>>(cases)) {
  test(`an image with the flaw "${flaw}" is told of that, and of nothing else`, async () => {
    const { exit, stdout, stderr } = await check(`trial:${flaw}`, '--json')
    const rows = stdout
      .trim()
      .split('\n')
      .flatMap((line) => row.safeParse(JSON.parse(line)).data ?? [])
    assert.equal(rows.length, 9, stderr)
    const bad = rows.filter(({ state }) => state !== 'kept')
    assert.deepEqual(
      bad.map((each) => each.check),
      Object.keys(expected),
      stdout,
    )
    for (const { check: name, message } of bad) assert.match(message, expected[name] ?? /^$/)
    assert.equal(exit, bad.length === 0 ? 0 : 5)
  })
}

test('an image that ends at once is told its last words, in a table', async () => {
  const { exit, stdout } = await check('trial:ends')
  assert.equal(exit, 5)
  assert.match(stdout, /^read-only root +✗ broken +it ended with 1: /m)
  assert.match(stdout, /^trial:ends \(linux\/\w+\) does not keep the device contract: 0 of 9$/m)
})

test('an image that is nowhere is a sentence, and nothing is left behind', async () => {
  const { exit, stderr } = await check('127.0.0.1:9/none:1')
  assert.equal(exit, 1)
  assert.match(stderr, /the image could not be checked: 127\.0\.0\.1:9\/none:1 is not here/)
  const left = await runProgram('docker', ['-H', engine.host, 'ps', '-aq'], {
    cwd: tmpdir(),
    env: {},
  })
  assert.equal(left.stdout, '')
})
