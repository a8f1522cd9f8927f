import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { deviceOf, fleetOf } from '../../../test/make-fleet.ts'
import { seenFile } from '../../../test/observed.ts'
import { desiredState, stateDigest } from '../desired/desired-state.ts'
import { environmentPath } from '../desired/paths.ts'
import { revealContent } from '../desired/resource.ts'
import { sha256Hex } from '../hash/sha256.ts'
import { blankDevice } from '../plan/blank-device.ts'
import type { Observed } from '../plan/observed.ts'
import { planDevice } from '../plan/plan-device.ts'
import { finalFiles, secretFiles } from '../plan/plan-files.ts'
import { Secret } from '../secrets/secret.ts'
import {
  activateManifest,
  applyManifest,
  confirmManifest,
  encodeBundle,
  observeManifest,
  rebootManifest,
  revertManifest,
} from './bundle.ts'
import type { Applier } from './applier.ts'
import type { ObserveOptions } from './bundle.ts'
import { shadowDownManifest, shadowUpManifest } from './shadow.ts'

const run = promisify(execFile)
const fleet = fleetOf()
const image = `a.example/server@sha256:${'1'.repeat(64)}`
const secrets = [new Secret('API_KEY_1', 'canary-key-0001')]
const operation = { id: 'op-1', nonce: 'f'.repeat(32), epoch: 7 }
const desired = desiredState({
  device: deviceOf(fleet, 'pi-gps-01'),
  settings: fleet.settings,
  release: { image },
  secrets,
})

test('looking names everything that the desired state names, in epoch 0', () => {
  assert.deepEqual(observeManifest(desired, operation), [
    'timeball-manifest 1',
    'mode observe',
    'operation op-1',
    `nonce ${'f'.repeat(32)}`,
    'epoch 0',
    'watch-package git',
    'watch-package docker.io',
    'watch-package docker-compose',
    'watch-package gpsd',
    'watch-package gpsd-tools',
    'watch-package pps-tools',
    `watch-image ${image}`,
    'watch-service systemd-timesyncd.service',
    'watch-file /etc/default/gpsd text',
    'watch-service gpsd.service',
    'watch-file /opt/mcp-utc-time-server/docker-compose.rpi.yml text',
    'watch-file /opt/mcp-utc-time-server/.env env',
    'watch-container mcp-utc-time',
    'watch-boot-config',
    'watch-disk /',
    'remember',
  ])
})

test('looking counts the errors in the log only when it is told how far back', () => {
  const lines = observeManifest(desired, operation, { logSeconds: 89.5 })
  assert.deepEqual(
    lines.filter((line) => line.startsWith('watch-log')),
    ['watch-log mcp-utc-time 90'],
  )
})

/** The lines that `options` add. */
function added(options: ObserveOptions): string[] {
  const plain: readonly string[] = observeManifest(desired, operation)
  return observeManifest(desired, operation, options).filter((line) => !plain.includes(line))
}

test('looking can include the shadow and its log', () => {
  assert.deepEqual(added({ shadow: true }), ['watch-container mcp-utc-time-shadow'])
  assert.deepEqual(added({ shadow: true, logSeconds: 60 }), [
    'watch-container mcp-utc-time-shadow',
    'watch-log mcp-utc-time 60',
    'watch-log mcp-utc-time-shadow 60',
  ])
})

/** The line before the archive. */
function lineOf(options: ObserveOptions, program: Applier = noApplier): string {
  const bytes = encodeBundle(program, observeManifest(desired, operation, options))
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0x0a)))
}

test('a look may be answered from memory, unless it is to be anew or counts errors', () => {
  const line = lineOf({})
  assert.match(line, /^look f{32} [0-9a-f]{64}$/)
  assert.equal(lineOf({ full: true }), 'bundle')
  assert.equal(lineOf({ logSeconds: 60 }), 'bundle')
  assert.notEqual(lineOf({ shadow: true }), line)
  assert.notEqual(
    lineOf({}, () => ({ text: 'other', digest: 'other' })),
    line,
  )
  const keys = [{}, { full: true }].map((options) => {
    const text = new TextDecoder().decode(
      encodeBundle(noApplier, observeManifest(desired, operation, options)),
    )
    return /^remember [0-9a-f]{64}$/m.exec(text)?.[0]
  })
  assert.deepEqual(keys, [`remember ${line.slice(-64)}`, `remember ${line.slice(-64)}`])
})

test('a shadow gets its image, its ports and its sources, and no key', () => {
  const ports = { ntp: 11_123, http: 13_000, metrics: 19_090 }
  const shadow = { image, ports, ntpServers: ['10.0.0.1', '10.0.0.2'] }
  assert.deepEqual(shadowUpManifest(shadow, operation).slice(1), [
    'mode shadow-up',
    'operation op-1',
    `nonce ${'f'.repeat(32)}`,
    'epoch 7',
    `image ${image}`,
    'shadow /opt/mcp-utc-time-server /run/timeball 11123 13000 19090',
    'setting API_KEYS_FILE /run/timeball/.env',
    'setting NTP_SERVERS 10.0.0.1,10.0.0.2',
  ])
  assert.equal(shadowDownManifest(operation)[1], 'mode shadow-down')
})

const environment = seenFile(environmentPath, 'OLD=1\n', '0600')
const observed: Observed = {
  ...blankDevice,
  nonce: 'e'.repeat(32),
  generation: 3,
  files: new Map([[environmentPath, environment]]),
  bootConfig: seenFile('/boot/firmware/config.txt', '', '0755'),
}

test('applying says what was seen, what shall be, and when to go back', () => {
  const files = finalFiles(desired, observed)
  const sums = files.map(({ content }) => sha256Hex(revealContent(content)))
  const input = {
    desired,
    observed,
    plan: planDevice(desired, observed, { reboot: 'never' }),
    stateDigest: stateDigest(desired, 'salt'),
    confirmSeconds: 120,
  }
  assert.deepEqual(applyManifest(input, operation), [
    'timeball-manifest 1',
    'mode apply',
    'operation op-1',
    `nonce ${'f'.repeat(32)}`,
    'epoch 7',
    'base-generation 3',
    `observed-nonce ${'e'.repeat(32)}`,
    `state ${stateDigest(desired, 'salt')}`,
    'confirm-seconds 120',
    'package git',
    'package docker.io',
    'package docker-compose',
    'package gpsd',
    'package gpsd-tools',
    'package pps-tools',
    `image ${image}`,
    `file 0 ${sums[0]} 0755 ${observed.bootConfig?.digest} /boot/firmware/config.txt`,
    `file 1 ${sums[1]} 0644 absent /etc/default/gpsd`,
    `file 2 ${sums[2]} 0644 absent /opt/mcp-utc-time-server/docker-compose.rpi.yml`,
    `file 3 ${sums[3]} 0600 ${environment.digest} /opt/mcp-utc-time-server/.env`,
    'secrets /opt/mcp-utc-time-server/.env',
    'service systemd-timesyncd.service disable',
    'service gpsd.service restart /etc/default/gpsd',
    'compose /opt/mcp-utc-time-server docker-compose.rpi.yml mcp-utc-time',
    'reboot-when /boot/firmware/config.txt',
  ])
  assert.equal(
    applyManifest({ ...input, proveWayBack: true }, operation).indexOf('prove-way-back'),
    applyManifest(input, operation).indexOf('confirm-seconds 120') + 1,
  )
})

function last(lines: readonly string[]): string {
  return lines.slice(5).join()
}

test('the other modes are a line or two', () => {
  assert.equal(last(confirmManifest(4, operation)), 'generation 4')
  assert.equal(last(revertManifest(operation)), '')
  const back = { generation: 3, retrySeconds: 60, secrets: secretFiles(desired) }
  assert.equal(
    last(activateManifest(back, operation)),
    'generation 3,retry-seconds 60,secrets /opt/mcp-utc-time-server/.env 0',
  )
  assert.deepEqual(rebootManifest(operation)[1], 'mode reboot')
})

test('a manifest never holds a secret or its digest', () => {
  const input = {
    desired,
    observed,
    plan: planDevice(desired, observed, { reboot: 'never' }),
    stateDigest: stateDigest(desired, 'salt'),
    confirmSeconds: 120,
  }
  const text = applyManifest(input, operation).join('\n')
  for (const form of ['canary-key-0001', sha256Hex('canary-key-0001')])
    assert.ok(!text.includes(form))
})

const observing = ['timeball-manifest 1', 'mode observe']
const noApplier: Applier = () => ({ text: '', digest: '' })

for (const unsafe of [
  'image a;reboot',
  'file $(x)',
  'image a\nmode reboot',
  'image ä',
  '',
  'a\tb',
  "it's",
]) {
  test(`the field ${JSON.stringify(unsafe)} is refused, since it would need quoting`, () => {
    assert.throws(() => encodeBundle(noApplier, [...observing, unsafe]), /needs quoting/)
  })
}

async function withArchive(
  bytes: Uint8Array,
  look: (archive: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tb-bundle-'))
  try {
    const extracting = run('tar', ['-x', '-f', '-', '-C', folder])
    const archive = bytes.subarray(bytes.indexOf(0x0a) + 1)
    extracting.child.stdin?.end(archive)
    await extracting
    const listing = run('tar', ['--full-time', '--numeric-owner', '-tvf', '-'])
    listing.child.stdin?.end(archive)
    await look((await listing).stdout, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('tar reads the bundle as it was made: names, modes, owners, contents', async () => {
  const files = finalFiles(desired, observed)
  const bytes = encodeBundle((mode) => ({ text: `echo ${mode}\n`, digest: '' }), observing, files)
  await withArchive(bytes, async (listing, folder) => {
    const lines = listing.trim().split('\n')
    assert.deepEqual(
      lines.map((line) => line.split(/\s+/).at(-1)),
      ['applier.sh', 'manifest', 'files/0', 'files/1', 'files/2', 'files/3'],
    )
    for (const line of lines) assert.match(line, /^-rw------- 0\/0 .* 1970-01-01 /)
    assert.equal(await readFile(join(folder, 'applier.sh'), 'utf8'), 'echo observe\n')
    assert.equal(
      await readFile(join(folder, 'manifest'), 'utf8'),
      'timeball-manifest 1\nmode observe\n',
    )
    for (const [index, { content }] of files.entries()) {
      const path = join(folder, 'files', String(index))
      assert.equal(await readFile(path, 'utf8'), revealContent(content))
      assert.equal((await stat(path)).mode & 0o777, 0o600)
    }
  })
})

test('contents of every length arrive whole', async () => {
  const lengths = [0, 1, 511, 512, 513, 1023, 1024, 100_000]
  const files = lengths.map((length) => ({
    path: '/x',
    mode: '0644',
    content: ['ü'.repeat(length)],
  }))
  await withArchive(encodeBundle(noApplier, observing, files), async (_listing, folder) => {
    for (const [index, length] of lengths.entries()) {
      const text = await readFile(join(folder, 'files', String(index)), 'utf8')
      assert.equal(text, 'ü'.repeat(length))
    }
  })
})

test('the same entries give the same bytes, in whole blocks', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 5 }), (contents) => {
      const files = contents.map((text) => ({ path: '/x', mode: '0644', content: [text] }))
      const bytes = encodeBundle(noApplier, observing, files)
      assert.deepEqual(encodeBundle(noApplier, observing, files), bytes)
      assert.equal(bytes.length % 512, 'bundle\n'.length)
    }),
  )
})
