/** What the key of the restricted account can run, and what it cannot, with the porter itself. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { deviceOf, fleetOf } from '../../../test/make-fleet.ts'
import { pingScript } from '../../core/ask/ping.ts'
import { allowedLines } from '../../core/bundle/account.ts'
import type { Mode } from '../../core/bundle/applier.ts'
import { askManifest } from '../../core/bundle/ask.ts'
import { applyManifest, encodeBundle, head, observeManifest } from '../../core/bundle/bundle.ts'
import { encodeTar } from '../../core/bundle/tar.ts'
import { desiredState } from '../../core/desired/desired-state.ts'
import { blankDevice } from '../../core/plan/blank-device.ts'
import { planDevice } from '../../core/plan/plan-device.ts'
import { finalFiles, type FinalFile } from '../../core/plan/plan-files.ts'
import { readApplier } from '../../main/applier.ts'
import { newDevice } from '../test/site.ts'
import { newNonce, sha256, type TestDevice } from '../test/device.ts'

const applier = await readApplier()
const fleet = fleetOf()
const device = deviceOf(fleet, 'pi-gps-01')
const desired = desiredState({
  device,
  settings: fleet.settings,
  release: { image: `a.example/server@sha256:${'1'.repeat(64)}` },
  secrets: [],
})
const porter = readFileSync(join(import.meta.dirname, 'porter.sh'), 'utf8')
let pi: TestDevice

before(() => {
  pi = newDevice('sh')
  pi.write('/usr/lib/timeball/porter', porter, 0o755)
  const input = { applier, questions: [pingScript], device, settings: fleet.settings }
  pi.write('/usr/lib/timeball/allowed', `${allowedLines(input).join('\n')}\n`)
})
after(() => pi.dispose())

function send(input: Uint8Array | string): string {
  const { stdout, stderr } = spawnSync('sh', [pi.path('/usr/lib/timeball/porter')], {
    input,
    env: pi.environment(),
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(stderr, '')
  assert.deepEqual(
    pi.list('/run/timeball').filter((name) => name.startsWith('op.')),
    [],
  )
  return stdout.trim().split('\n').at(-1) ?? ''
}

const operation = () => ({ id: `op-${newNonce()}`, nonce: newNonce(), epoch: 0 })
const observed = { ...blankDevice, nonce: newNonce() }
const applied = (): readonly string[] =>
  applyManifest(
    {
      desired,
      observed,
      plan: planDevice(desired, observed, { reboot: 'never' }),
      stateDigest: sha256('state'),
      confirmSeconds: 60,
    },
    operation(),
  )

/** An apply that says something else in a file. */
function changed(content: (text: string) => string): Uint8Array {
  const files = finalFiles(desired, observed).map((file): FinalFile => ({
    ...file,
    content: file.content.map((part) => (typeof part === 'string' ? content(part) : part)),
  }))
  return encodeBundle(applier, applied(), files)
}

test('a look and an apply of what Timeball writes are let in', () => {
  assert.match(send(encodeBundle(applier, observeManifest(desired, operation()))), /"status":"ok"/)
  // The applier itself has the word then: these files are not on the device as they were observed.
  assert.doesNotMatch(send(changed((text) => text)), /not-allowed|corrupt-bundle|protocol/)
})

function ask(script: string): Uint8Array {
  const question = { script, as: 'root', seconds: 10, mostBytes: 100 } as const
  const file = { path: 'script', mode: '0600', content: [script] }
  return encodeBundle(applier, askManifest(question, operation()), [file])
}

test('of questions only those that are allowed, word for word', () => {
  assert.match(send(ask(pingScript)), /"status":"ok"/)
  for (const script of ['id', `${pingScript}id\n`, `id\n${pingScript}`]) {
    assert.match(send(ask(script)), /not-allowed.*applier and nothing else/)
  }
})

const strange: readonly (readonly [what: string, from: RegExp, to: string])[] = [
  ['a file elsewhere', /\/etc\/default\/gpsd$/, '/etc/default/../shadow'],
  ['a file beside', /\/etc\/default\/gpsd$/, '/etc/default/other'],
  ['a program with setuid', /^(file \d+ \S+) 0644/, '$1 4755'],
  ['content from elsewhere', /^file 0 /, 'file ../../../etc/shadow '],
  ['a package that the fleet has not', /^package git$/, 'package netcat-openbsd'],
  ['an option for apt', /^package git$/, 'package -oDpkg::Pre-Invoke::=id'],
  ['another service', /^service gpsd.service/, 'service ssh.service'],
  ['another Compose file', /^compose \S+ \S+/, 'compose /tmp x.yml'],
  ['images from elsewhere', /^confirm-seconds/, 'image-source 10.0.0.1:80\nconfirm-seconds'],
  ['an unknown verb', /^confirm-seconds/, 'run id\nconfirm-seconds'],
]
for (const [what, from, to] of strange) {
  test(`refused: ${what}`, () => {
    const lines = applied().flatMap((line) => line.replace(from, to).split('\n'))
    assert.ok(!applied().every((line) => !from.test(line)), 'the line is there')
    const bundle = encodeBundle(applier, lines, finalFiles(desired, observed))
    assert.match(send(bundle), /"code":"not-allowed"/)
  })
}

test('a look at files that are not Timeball’s is refused', () => {
  const lines = [
    ...observeManifest(desired, operation()).slice(0, -1),
    'watch-file /etc/shadow text',
  ]
  assert.match(send(encodeBundle(applier, lines)), /may not: watch-file \/etc\/shadow text/)
})

const badFiles: readonly (readonly [what: string, from: string, to: string])[] = [
  ['a container with all rights', '    read_only: true', '    privileged: true'],
  ['a mount of the whole host', '".:', '"/:'],
  ['a setting of Compose itself', 'LOG_LEVEL=', 'COMPOSE_FILE='],
  ['a shell in the options of gpsd', '="-n"', '="$(id)"'],
]
for (const [what, from, to] of badFiles) {
  test(`refused: ${what}`, () => {
    const bundle = changed((text) => text.replace(from, to))
    assert.match(send(bundle), /a line that Timeball does not write/)
  })
}

function bundleOf(program: string, mode: Mode, more: readonly string[] = []): Buffer {
  const encoder = new TextEncoder()
  const archive = encodeTar([
    { path: 'applier.sh', content: encoder.encode(program) },
    { path: 'manifest', content: encoder.encode(`${head(mode, operation()).join('\n')}\n`) },
    ...more.map((path) => ({ path, content: encoder.encode('x') })),
  ])
  return Buffer.concat([Buffer.from('bundle\n'), archive])
}

test('another program, a program for another mode, and files of other names are refused', () => {
  assert.match(send(bundleOf('id', 'observe')), /another version of Timeball: enroll it again/)
  const look = applier('observe').text
  assert.match(send(bundleOf(look, 'reboot')), /another version/)
  assert.match(send(bundleOf(look, 'observe', ['../../x'])), /corrupt-bundle/)
  assert.match(send(bundleOf(look, 'observe', ['files/../../x'])), /corrupt-bundle/)
  assert.match(send(bundleOf(look, 'observe')), /"status":"ok"/)
})

test('a second mode is refused', () => {
  const lines = applied().flatMap((line) =>
    line === 'mode apply' ? [line, 'mode observe'] : [line],
  )
  const bundle = encodeBundle(applier, lines, finalFiles(desired, observed))
  assert.match(send(bundle), /"nonce":null.*mode is not valid/)
})

test('what is no bundle is refused', () => {
  for (const text of ['', 'id\n', 'bundle\n', 'look $(id) x\n', 'ask\n', 'x'.repeat(1000)]) {
    assert.match(send(text), /"code":"(?:corrupt-bundle|not-allowed)"/)
  }
})
