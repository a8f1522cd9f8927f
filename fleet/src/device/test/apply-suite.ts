/** What `apply`, `confirm`, `revert` and `activate` must do, under any shell. */
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { after, describe, test, type TestContext } from 'node:test'
import type { FailureCode } from '../../core/failure.ts'
import type { Run, ShellName, TestDevice } from './device.ts'
import { newNonce, sha256 } from './device.ts'
import type { ApplyOptions } from './site.ts'
import {
  activate,
  apply,
  checkpoint,
  confirm,
  contentsOf,
  head,
  image,
  newDevice,
  paths,
  releaseOf,
  revert,
  runningRelease,
  settledDevice,
} from './site.ts'

const a = contentsOf('a')
const b = contentsOf('b')
const names = ['a', 'b', 'c']

function changes(run: Run): string[] {
  return run.lines.flatMap((line) =>
    line.type === 'resource' && line.change !== 'none' ? [`${line.resource} ${line.change}`] : [],
  )
}

function assertEnds(run: Run, generation: number): void {
  assert.deepEqual(run.report().end, { status: 'ok', generation })
  assert.equal(run.exitCode, 0)
}

function assertFails(run: Run, code: FailureCode, generation: number): string {
  const { end } = run.report()
  assert.equal(run.exitCode, 3)
  assert.equal(end.generation, generation)
  assert.ok(end.status === 'failed', run.stdout)
  assert.equal(end.failure.code, code, end.failure.detail)
  return end.failure.detail
}

/** Nothing of release b is anywhere, and nothing waits to be confirmed. */
function assertStillA(device: TestDevice): void {
  assert.equal(releaseOf(device, names), 'a')
  assert.equal(runningRelease(device, names), 'a')
  assert.equal(device.read('/var/lib/timeball/pending'), null)
  assert.equal(device.read('/var/lib/timeball/current'), '1\n')
}

function withDots(lines: string[]): string[] {
  return lines.map((line) => line.replace(` ${paths.ntp}`, ' /etc/../etc/ntp.conf'))
}

export function applySuite(shell: ShellName): void {
  describe(`apply under ${shell}`, () => {
    const made = settledDevice(shell, a)
    const afresh = checkpoint(made)
    after(() => {
      made.dispose()
      afresh.dispose()
    })
    /** The device with release a as generation 1; one for all tests, as it was each time. */
    function settled(): TestDevice {
      afresh.restore()
      return made
    }

    const byHand = 'running none id-by-hand sha256:by-hand 0\n'
    function withContainerMadeByHand(t: TestContext): TestDevice {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      device.write('/world/containers/time', byHand)
      device.write('/world/by-hand/time', 'always\n')
      return device
    }

    test('a container made by hand gives way, and is removed with the confirmation', (t) => {
      const device = withContainerMadeByHand(t)
      assertEnds(apply(device, a), 1)
      assert.equal(runningRelease(device, names), 'a')
      assert.match(device.read('/world/containers/time-aside-0') ?? '', /^exited .*id-by-hand/)
      assert.equal(device.read('/world/by-hand/time-aside-0'), 'no\n', 'no boot starts it')
      assertEnds(confirm(device, 1), 1)
      assert.equal(device.read('/world/containers/time-aside-0'), null)
      assert.doesNotMatch(device.read('/world/containers/time') ?? '', /by-hand/)
    })

    test('a container made by hand runs again when nobody confirms', (t) => {
      const device = withContainerMadeByHand(t)
      assertEnds(apply(device, a), 1)
      assertEnds(revert(device), 0)
      assert.equal(device.read('/world/containers/time'), byHand)
      assert.equal(device.read('/world/by-hand/time'), 'always\n')
      assert.equal(device.read('/world/containers/time-aside-0'), null)
    })

    test('one that cannot be removed is remembered, and goes with the next change', (t) => {
      const device = withContainerMadeByHand(t)
      assertEnds(apply(device, a), 1)
      device.write('/world/rm-fails', '')
      assertEnds(confirm(device, 1), 1)
      assert.equal(device.read('/var/lib/timeball/asides'), 'time-aside-0\n')
      device.remove('/world/rm-fails')
      assertEnds(apply(device, b), 2)
      assert.equal(device.read('/world/containers/time-aside-0'), null)
      assert.equal(device.read('/var/lib/timeball/asides'), null)
    })

    test('a container made by hand runs again when the new one does not start', (t) => {
      const device = withContainerMadeByHand(t)
      assertFails(apply(device, { ...a, env: 'REFUSE=yes\n' }), 'compose-failed', 0)
      assert.equal(device.read('/world/containers/time'), byHand)
    })

    test('a new device gets everything, and is in generation 1 until it is confirmed', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const run = apply(device, a)
      assertEnds(run, 1)
      assert.deepEqual(changes(run), [
        'package:ntpsec create',
        'image:ghcr.io/example/time@sha256:0123 create',
        `file:${paths.gpsd} create`,
        `file:${paths.ntp} update`,
        `file:${paths.env} create`,
        `file:${paths.compose} create`,
        `file:${paths.boot} update`,
        'service:systemd-timesyncd.service remove',
        'service:gpsd.service restart',
        'service:ntpsec.service restart',
        'compose:/opt/time up',
      ])
      assert.equal(releaseOf(device, names), 'a')
      assert.equal(runningRelease(device, names), 'a')
      assert.equal(device.mode('/var/lib/timeball'), '0700')
      assert.equal(device.mode('/opt/time'), '0755')
      assert.match(device.read('/var/lib/timeball/pending') ?? '', /^1 0 operation-/)
      assert.deepEqual(device.list('/world/timers'), ['timeball-revert-1'])
      assertEnds(confirm(device, 1), 1)
      assert.equal(device.read('/var/lib/timeball/pending'), null)
      assert.deepEqual(device.list('/world/timers'), [])
      assertEnds(confirm(device, 1), 1)
    })

    test('the same again changes nothing and keeps the generation', () => {
      const device = settled()
      const run = apply(device, a)
      assertEnds(run, 1)
      assert.deepEqual(changes(run), [])
      assert.equal(device.read('/var/lib/timeball/pending'), null)
    })

    test('another address of the same content is a generation of its own', () => {
      const device = settled()
      const run = apply(device, a, { state: sha256('other') })
      assertEnds(run, 2)
      assert.deepEqual(changes(run), [])
    })

    test('only what one file concerns is touched', () => {
      const device = settled()
      const run = apply(device, { ...a, ntp: b.ntp })
      assertEnds(run, 2)
      assert.deepEqual(changes(run), [`file:${paths.ntp} update`, 'service:ntpsec.service restart'])
    })

    test('a file with a looser mode is set right, and the container that ran is left alone', () => {
      const device = settled()
      device.write(paths.env, a.env, 0o644)
      const run = apply(device, a)
      assert.deepEqual(changes(run), [`file:${paths.env} update`])
      assert.equal(releaseOf(device, names), 'a')
    })

    test('an operation that was finished is answered from its record', () => {
      const device = settled()
      const first = apply(device, b, { operation: 'same', base: 1 })
      const before = device.log().length
      const again = apply(device, b, { operation: 'same', base: 1 })
      assertEnds(again, 2)
      assert.deepEqual(changes(again), changes(first))
      assert.equal(device.log().length, before)
    })

    test('a lower epoch is refused, whatever it asks for', () => {
      const device = settled()
      assertEnds(apply(device, b, { operation: 'same', base: 1, epoch: 7 }), 2)
      assertFails(apply(device, b, { operation: 'same', base: 1, epoch: 6 }), 'fenced', 2)
      assert.equal(device.read('/var/lib/timeball/epoch'), '7\nsame\n')
    })

    for (const seen of ['999999999999998', '9007199254740990', '99999999999999999999', 'seven']) {
      test(`a device that says it has seen ${seen} is refused nothing but itself, and re-seated`, () => {
        const device = settled()
        device.write('/var/lib/timeball/epoch', `${seen}\n`)
        assertFails(apply(device, b, { base: 1, epoch: 7 }), 'fenced', 1)
        assert.equal(device.read('/var/lib/timeball/epoch'), `${seen}\n`)
        assertEnds(device.run(head('reseat', { epoch: 7 }), [], {}), 1)
        assert.equal(device.read('/var/lib/timeball/epoch'), '7\n')
        assertFails(apply(device, b, { base: 1, epoch: 6 }), 'fenced', 1)
        assertEnds(apply(device, b, { base: 1, epoch: 7 }), 2)
      })
    }

    test('another base generation is refused', () => {
      const device = settled()
      assertFails(apply(device, b, { base: 0 }), 'moved', 1)
      assertStillA(device)
    })

    test('a file that is not what was observed is refused', () => {
      const device = settled()
      const observedNonce = newNonce()
      const digest = sha256(observedNonce + a.gpsd)
      const cases: ApplyOptions[] = [
        { before: { gpsd: sha256(`${observedNonce}other`) } },
        { before: { gpsd: 'absent' } },
      ]
      for (const options of cases) {
        assertFails(apply(device, b, { observedNonce, ...options }), 'moved', 1)
      }
      assertStillA(device)
      assertEnds(apply(device, b, { observedNonce, before: { gpsd: digest } }), 2)
    })

    test('a second change waits for the first to be confirmed', () => {
      const device = settled()
      assertEnds(apply(device, b), 2)
      assertFails(apply(device, a), 'unconfirmed', 2)
      assertFails(activate(device, 1), 'unconfirmed', 2)
      assertFails(confirm(device, 3), 'moved', 2)
    })

    test('content that does not match its digest is refused before anything is touched', () => {
      const device = settled()
      assertFails(apply(device, b, { sent: { ntp: 'torn' } }), 'corrupt-bundle', 1)
      assertStillA(device)
    })

    test('links and folders where a file should be are refused', () => {
      const device = settled()
      device.write('/elsewhere/gpsd', 'not yours\n')
      device.remove(paths.gpsd)
      symlinkSync(device.path('/elsewhere/gpsd'), device.path(paths.gpsd))
      assertFails(apply(device, b), 'file-failed', 1)
      device.remove(paths.gpsd)
      mkdirSync(device.path(paths.gpsd))
      assertFails(apply(device, b), 'file-failed', 1)
      device.remove(paths.gpsd)
      renameSync(device.path('/opt/time'), device.path('/elsewhere/time'))
      symlinkSync(device.path('/elsewhere/time'), device.path('/opt/time'))
      assertFails(apply(device, b), 'file-failed', 1)
      assert.equal(device.read('/elsewhere/gpsd'), 'not yours\n')
      assert.equal(device.read('/elsewhere/time/.env'), a.env)
    })

    test('a path that leaves its folder is refused', () => {
      const device = settled()
      assertFails(apply(device, b, { edit: withDots }), 'file-failed', 1)
      assertStillA(device)
    })

    test('a package that cannot be installed is told with the end of what apt said', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      device.write('/world/apt-broken', `${'noise '.repeat(200)}\nE: "held" broken\\packages\n`)
      const detail = assertFails(apply(device, a), 'package-failed', 0)
      assert.match(detail, /E: 'held' broken.packages$/)
      assert.ok(detail.length <= 300)
      assert.equal(device.read(paths.gpsd), null)
    })

    test('package lists are fetched when the package is not found at first', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      device.write('/world/apt-stale', '')
      assertEnds(apply(device, a), 1)
    })

    test('an image that cannot be pulled changes nothing', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      device.write('/world/no-registry', '')
      assertFails(apply(device, a), 'image-failed', 0)
      assert.equal(device.read(paths.gpsd), null)
    })

    test('an image of no registry comes by digest from who offers it, and keeps its own name', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const hex = '0a'.repeat(32)
      const carried = `localhost/team/time:sha256-${hex}`
      const contents = { ...a, compose: a.compose.replace(image, carried) }
      const lines = [`image ${carried}`]
      const edit = (all: string[]): string[] =>
        all.flatMap((line) => (line === `image ${image}` ? lines : [line]))
      const detail = assertFails(apply(device, contents, { edit }), 'image-failed', 0)
      assert.match(detail, /is not on the device, and nobody offers it/)
      lines.push('image-source 127.0.0.1:40001')
      assertEnds(apply(device, contents, { edit }), 1)
      const name = carried.replaceAll('/', '_')
      assert.match(device.read(`/world/images/${name}`) ?? '', /image-of/)
      assert.equal(device.read(`/world/images/127.0.0.1:40001_team_time@sha256:${hex}`), null)
    })

    test('a compose file that does not parse changes nothing, and no secret is quoted', () => {
      const device = settled()
      const detail = assertFails(apply(device, { ...b, compose: 'broken\n' }), 'compose-failed', 1)
      assert.match(detail, /API_KEY_1=#/)
      assert.equal(detail.includes('key-of'), false)
      assertStillA(device)
    })

    test('a service that is not there is told before anything is touched', () => {
      const device = settled()
      device.remove('/world/units/gpsd.service')
      assertFails(apply(device, b), 'service-failed', 1)
      assertStillA(device)
    })

    for (const [what, broken, code] of [
      ['a container that cannot start', { env: `${b.env}REFUSE=1\n` }, 'compose-failed'],
      ['a container that dies', { env: `${b.env}CRASH=1\n` }, 'compose-failed'],
      ['a service that fails', {}, 'service-failed'],
    ] as const) {
      test(`${what} puts everything back at once`, () => {
        const device = settled()
        if (code === 'service-failed') device.write('/world/units-broken', 'ntpsec.service\n')
        const failed = apply(device, { ...b, ...broken }, { operation: 'failed' })
        const detail = assertFails(failed, code, 1)
        assert.equal(detail.includes('key-of'), false)
        device.remove('/world/units-broken')
        assertStillA(device)
        assert.deepEqual(device.list('/world/timers'), [])
        assertFails(apply(device, b, { operation: 'failed' }), code, 1)
        assertEnds(apply(device, b), 2)
      })
    }

    test('the timer takes an unconfirmed generation back, and leaves a confirmed one', () => {
      const device = settled()
      assertEnds(apply(device, b, { operation: 'b' }), 2)
      assert.equal(device.runStayed(['timer', '2', 'other']), 0)
      assert.equal(releaseOf(device, names), 'b')
      device.runStayed(['timer', '2', 'b'])
      assertStillA(device)
      assert.equal(device.read('/var/lib/timeball/recovered'), '2 1 unconfirmed\n')
      assertFails(apply(device, b, { operation: 'b', base: 1 }), 'unconfirmed', 1)
      assert.match(assertFails(confirm(device, 2), 'unconfirmed', 1), /not confirmed in time$/)

      assertEnds(apply(device, b, { operation: 'c' }), 3)
      assertEnds(confirm(device, 3), 3)
      device.runStayed(['timer', '3', 'c'])
      device.runStayed(['recover'])
      assert.equal(releaseOf(device, names), 'b')
      assert.equal(device.read('/var/lib/timeball/recovered'), null)
    })

    test('the next boot takes an unconfirmed generation back', () => {
      const device = settled()
      assertEnds(apply(device, b), 2)
      device.boot()
      device.runStayed(['recover'])
      assertStillA(device)
      assert.equal(device.read('/var/lib/timeball/recovered'), '2 1 power-loss\n')
      assert.match(assertFails(confirm(device, 2), 'unconfirmed', 1), /the device restarted/)
      // It booted with the file that went away, so it has to boot once more.
      assert.equal(device.read('/var/lib/timeball/reboot-required'), device.read('/proc/boot_id'))
    })

    test('a revert takes a first generation back to nothing', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      assertEnds(apply(device, a), 1)
      const run = revert(device)
      assertEnds(run, 0)
      assert.equal(device.read(paths.env), null)
      assert.equal(device.read(paths.ntp), '# as packaged\n')
      assert.equal(device.read(paths.boot), contentsOf('factory').boot)
      assert.equal(device.read('/world/containers/time'), null)
      assert.equal(device.read('/world/units/gpsd.service'), 'loaded inactive disabled\n')
      assert.equal(device.read('/world/units/systemd-timesyncd.service'), 'loaded active enabled\n')
      assert.equal(device.read('/var/lib/timeball/reboot-required'), null)
      assertEnds(revert(device), 0)
    })

    test('an older generation is applied again as a new one', () => {
      const device = settled()
      assertEnds(apply(device, b), 2)
      assertEnds(confirm(device, 2), 2)
      const run = activate(device, 1)
      assertEnds(run, 3)
      assert.equal(releaseOf(device, names), 'a')
      assert.equal(runningRelease(device, names), 'a')
      assertFails(activate(device, 9), 'moved', 3)
    })

    test('five generations and twenty records are kept', () => {
      const device = settled()
      for (let number = 1; number <= 25; number += 1) {
        device.write(`/var/lib/timeball/operations/old-${number}`, '"status":"ok","generation":1}')
      }
      for (let number = 2; number <= 7; number += 1) {
        assertEnds(apply(device, { ...a, ntp: `# ${number}\n` }), number)
        assertEnds(confirm(device, number), number)
      }
      assert.deepEqual(device.list('/var/lib/timeball/generations'), ['3', '4', '5', '6', '7'])
      assert.equal(device.list('/var/lib/timeball/operations').length, 20)
    })
  })
}
