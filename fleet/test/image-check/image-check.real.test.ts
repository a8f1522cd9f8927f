/**
 * `timeball image check` with a real Docker engine: images that break the device contract in one way
 * each. Needs root, and Debian's docker.io, iproute2, iptables and util-linux.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { must } from '@timeball/lab/pis/run.ts'
import { importArchive } from '../../src/stores/images/import-archive.ts'
import { indexType, openLayout } from '../../src/stores/images/layout.ts'
import { runProgram, timeballProgram, type Ended } from '../run-program.ts'
import { startEngine, type Engine } from './engine.ts'

const cases = {
  none: {},
  lies: { health: /^it answers 200, and was given no source of time$/ },
  open: { api: /^its API answers without a key/, keys: /^the old key counts 15 s after/ },
  stale: { keys: /^it refuses the new key 15 s after API_KEYS_FILE was replaced$/ },
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
    assert.equal(rows.length, 10, stderr)
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
  assert.match(stdout, /^trial:ends \(linux\/\w+\) does not keep the device contract: 0 of 10$/m)
})

test('an image that is kept beside a fleet is tried, and leaves nothing in Docker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tb-check-fleet-'))
  writeFileSync(join(folder, 'inventory.yml'), 'all: {hosts: {pi-01: {ansible_host: 192.0.2.1}}}\n')
  const name = 'localhost/mcp-utc-time-server:0.1.0'
  await keep(join(folder, '.timeball/images'), name)
  const { exit, stdout, stderr } = await check('-i', join(folder, 'inventory.yml'))
  assert.equal(exit, 0, `${stdout}${stderr}`)
  assert.ok(stdout.includes(`${name} (linux/`), stdout)
  assert.match(stdout, /keeps the device contract: 10 of 10$/m)
  const images = await must(['docker', '-H', engine.host, 'image', 'ls'])
  assert.doesNotMatch(images, /timeball-image-check/)
  rmSync(folder, { recursive: true })
})

async function keep(images: string, name: string): Promise<void> {
  const saved = mkdtempSync(join(tmpdir(), 'tb-check-saved-'))
  await must(['docker', '-H', engine.host, 'save', '-o', join(saved, 'tar'), 'trial:none'])
  await must(['tar', '-C', saved, '-xf', join(saved, 'tar')])
  const layout = openLayout(images)
  const image = await importArchive(saved, layout)
  assert.ok(image.ok, image.ok ? '' : image.failure)
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [image.value] }
  const put = await layout.blobs.put(Buffer.from(JSON.stringify(index)))
  await layout.name(name, { mediaType: indexType, ...put }, 1_000)
  rmSync(saved, { recursive: true })
}

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
