/** The rollback to an older generation: that it is proved, and that it can be gone. Under any shell. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { FailureCode } from '../../core/failure.ts'
import { toObserved } from '../report.ts'
import type { Run, ShellName, TestDevice } from './device.ts'
import { sha256 } from './device.ts'
import type { ApplyOptions } from './site.ts'
import {
  activate,
  apply,
  checkpoint,
  confirm,
  contentsOf,
  head,
  keptWith,
  newDevice,
  paths,
  releaseOf,
  revert,
  runningRelease,
  secretsOf,
  settledDevice,
} from './site.ts'

const a = contentsOf('a')
const b = contentsOf('b')
const names = ['a', 'b', 'c']
const kept = '/var/lib/timeball/generations/1'
const imageFile = '/world/images/ghcr.io_example_time@sha256:0123'

function assertEnds(run: Run, generation: number): void {
  assert.deepEqual(run.report().end, { status: 'ok', generation })
}

function assertFails(run: Run, code: FailureCode, generation: number): string {
  const { end } = run.report()
  assert.equal(end.generation, generation)
  assert.ok(end.status === 'failed', run.stdout)
  assert.equal(end.failure.code, code, end.failure.detail)
  return end.failure.detail
}

function assertIs(device: TestDevice, release: string): void {
  assert.equal(releaseOf(device, names), release)
  assert.equal(runningRelease(device, names), release)
}

function withoutSecrets(lines: string[]): string[] {
  return lines.filter((line) => !line.startsWith('secrets '))
}

function proving(options: ApplyOptions = {}): ApplyOptions {
  return { ...options, edit: (lines) => lines.toSpliced(9, 0, 'prove-way-back') }
}

export function wayBackSuite(shell: ShellName): void {
  describe(`the rollback under ${shell}`, () => {
    const device = settledDevice(shell, a)
    const settled = checkpoint(device)
    assertEnds(apply(device, b), 2)
    assertEnds(confirm(device, 2), 2)
    const updated = checkpoint(device)
    after(() => {
      device.dispose()
      settled.dispose()
      updated.dispose()
    })

    test('a container made by hand that is in its way goes for good', () => {
      updated.restore()
      device.write('/world/containers/time', 'running none id-by-hand sha256:by-hand 0\n')
      device.write('/world/by-hand/time', 'always\n')
      assertEnds(activate(device, 1), 3)
      assertIs(device, 'a')
      assert.deepEqual(device.list('/world/containers'), ['time'])
      assert.equal(device.read('/var/lib/timeball/asides'), null)
    })

    test('an older generation needs no registry while its image is here', () => {
      updated.restore()
      device.write('/world/no-registry', '')
      assertEnds(activate(device, 1, { operation: 'back' }), 3)
      assertIs(device, 'a')
      assert.deepEqual(device.list('/world/timers'), [])
      assert.equal(device.read('/var/lib/timeball/pending'), null)
      const commands = device.log().length
      assertEnds(activate(device, 1, { operation: 'back' }), 3)
      assert.equal(device.log().length, commands)
      assertEnds(revert(device), 3)
      assertIs(device, 'a')
    })

    const otherWays: Readonly<Record<string, () => void>> = {
      'its timer': () => device.runStayed(['timer', '3', 'back']),
      'the next boot': () => {
        device.boot()
        device.runStayed(['recover'])
      },
      'a revert': () => assertEnds(revert(device), 3),
      'another attempt': () => assertEnds(activate(device, 1), 3),
    }
    for (const [what, goOn] of Object.entries(otherWays)) {
      test(`a rollback that was cut short is ended by ${what}, and restarts what it has to`, () => {
        updated.restore()
        activate(device, 1, { operation: 'back', env: { TIMEBALL_FAULT: 'service-changed' } })
        assert.equal(device.read('/var/lib/timeball/pending'), '3 2 back back\n')
        assert.deepEqual(device.list('/world/timers'), ['timeball-revert-3'])
        const restarts = device.log().filter((line) => line.startsWith('systemctl restart')).length
        goOn()
        assertIs(device, 'a')
        const all = device.log().filter((line) => line.startsWith('systemctl restart'))
        assert.deepEqual(all.slice(restarts), [
          'systemctl restart gpsd.service',
          'systemctl restart ntpsec.service',
        ])
        assert.equal(device.read('/var/lib/timeball/pending'), null)
        assert.equal(device.read('/var/lib/timeball/current'), '3\n')
        assert.deepEqual(device.list('/world/timers'), [])
        assertEnds(apply(device, b), 4)
      })
    }

    test('a rollback that cannot end leaves the rest done, and its timer tries again', () => {
      updated.restore()
      device.write('/world/units-broken', 'gpsd.service\n')
      const detail = assertFails(activate(device, 1, { operation: 'back' }), 'step-failed', 3)
      assert.match(detail, /^generation 3 is back, with trouble: gpsd.service: /)
      assertIs(device, 'a')
      assertFails(apply(device, b), 'unconfirmed', 3)
      assertFails(confirm(device, 3), 'unconfirmed', 3)
      const observed = toObserved(device.run(head('observe')).report())
      assert.ok(observed.ok)
      assert.deepEqual([observed.value.pending, observed.value.returning], [null, 3])
      assert.deepEqual(device.list('/world/timers'), ['timeball-revert-3'])
      assert.equal(device.runStayed(['timer', '3', 'back']), 3)
      assert.deepEqual(device.list('/world/timers'), ['timeball-revert-3'])
      device.remove('/world/units-broken')
      assert.equal(device.runStayed(['timer', '3', 'back']), 0)
      assert.equal(device.read('/var/lib/timeball/pending'), null)
      assert.deepEqual(device.list('/world/timers'), [])
    })

    test('a revert gives up what is in trouble on the rollback, so that a change can mend it', () => {
      updated.restore()
      device.write('/world/units-broken', 'gpsd.service\n')
      assertFails(activate(device, 1), 'step-failed', 3)
      assert.match(assertFails(revert(device), 'step-failed', 3), /is back, with trouble/)
      device.remove('/world/units-broken')
      assertEnds(apply(device, b), 4)
    })

    test('an attempt after one that failed is not answered from its record', () => {
      updated.restore()
      device.write('/world/units-broken', 'gpsd.service\n')
      assertFails(activate(device, 1, { operation: 'back' }), 'step-failed', 3)
      device.remove('/world/units-broken')
      assertEnds(activate(device, 1, { operation: 'back' }), 3)
    })

    test('another rollback takes the place of one that was cut short', () => {
      updated.restore()
      assertEnds(apply(device, contentsOf('c')), 3)
      assertEnds(confirm(device, 3), 3)
      activate(device, 2, { env: { TIMEBALL_FAULT: 'service-changed' } })
      assertEnds(activate(device, 1), 5)
      assertIs(device, 'a')
      assert.equal(device.read('/var/lib/timeball/pending'), null)
    })

    test('an activation without its image and without a registry changes nothing', () => {
      updated.restore()
      device.write('/world/no-registry', '')
      device.remove(imageFile)
      assertFails(activate(device, 1), 'image-failed', 2)
      assertIs(device, 'b')
      assert.equal(device.read('/var/lib/timeball/pending'), null)
    })

    test('nothing that is kept holds a secret once it is confirmed', () => {
      settled.restore()
      assert.deepEqual(keptWith(device, 'key-of'), [])
      assertEnds(apply(device, contentsOf('b', secretsOf('tomorrow'))), 2)
      assert.deepEqual(keptWith(device, 'key-of'), ['2/files/2', '2/undo/3'])
      assertEnds(confirm(device, 2), 2)
      assert.deepEqual(keptWith(device, 'key-of'), [])
      assert.equal(device.read(`${kept}/files/masked-2`), '# a\nAPI_KEY_1=\nLOG_LEVEL=info\n')
      assert.equal(device.mode(`${kept}/files/masked-2`), '0600')
      assertEnds(apply(device, contentsOf('c'), proving()), 3)
    })

    test('a revert before the confirmation is with the secrets from before', () => {
      settled.restore()
      assertEnds(apply(device, contentsOf('b', secretsOf('tomorrow'))), 2)
      assertEnds(revert(device), 1)
      assert.equal(device.read(paths.env), a.env)
    })

    const secretsOfToday: Readonly<Record<string, string>> = {
      other: secretsOf('tomorrow'),
      more: `${secretsOf('tomorrow')}API_KEY_2=key-of-today\n`,
      'no more': '',
    }
    for (const [which, secrets] of Object.entries(secretsOfToday)) {
      test(`a rollback is with the secrets of today: ${which}`, () => {
        updated.restore()
        assertEnds(activate(device, 1, { secrets }), 3)
        assert.equal(device.read(paths.env), contentsOf('a', secrets).env)
        assert.equal(device.mode(paths.env), '0600')
        assert.deepEqual(keptWith(device, 'key-of'), [])
        assertEnds(activate(device, 2, { secrets }), 4)
        assert.equal(
          device.read(paths.env),
          secrets === '' ? `# b\nLOG_LEVEL=info\n` : contentsOf('b', secrets).env,
        )
      })
    }

    test('a rollback that was cut short goes on with the secrets that came with it', () => {
      updated.restore()
      const secrets = secretsOf('tomorrow')
      activate(device, 1, { operation: 'back', secrets, env: { TIMEBALL_FAULT: 'file-renamed' } })
      device.boot()
      device.runStayed(['recover'])
      assert.equal(device.read(paths.env), contentsOf('a', secrets).env)
      assert.deepEqual(keptWith(device, 'key-of'), [])
    })

    const whateverComesNext: Readonly<Record<string, () => void>> = {
      'a revert': () => assertEnds(revert(device), 3),
      'another rollback': () => assertEnds(activate(device, 1), 3),
      'a change': () => assertEnds(apply(device, b), 4),
      'its timer': () => void device.runStayed(['timer', '3', 'back']),
    }
    for (const [what, come] of Object.entries(whateverComesNext)) {
      test(`secrets that an applier which was killed has left are forgotten by ${what}`, () => {
        updated.restore()
        activate(device, 1, { operation: 'back', env: { TIMEBALL_FAULT: 'pending-gone' } })
        assert.deepEqual(keptWith(device, 'key-of'), ['3/files/2'])
        come()
        const left = keptWith(device, 'key-of').filter((name) => name.startsWith('3/'))
        assert.deepEqual(left, [])
      })
    }

    test('a rollback by who has no secrets is with those that the device has now', () => {
      settled.restore()
      const tomorrow = secretsOf('tomorrow')
      assertEnds(apply(device, contentsOf('b', tomorrow)), 2)
      assertEnds(confirm(device, 2), 2)
      assertEnds(activate(device, 1, { edit: withoutSecrets }), 3)
      assert.equal(device.read(paths.env), contentsOf('a', tomorrow).env)
      assert.deepEqual(keptWith(device, 'key-of'), [])
    })

    test('a rollback whose secrets nobody knows changes nothing', () => {
      updated.restore()
      device.remove(paths.env)
      const back = activate(device, 1, { edit: withoutSecrets })
      assert.match(assertFails(back, 'no-way-back', 2), /nobody knows the secrets for .*\.env/)
      assert.equal(device.read(paths.gpsd), b.gpsd)
      assert.equal(device.read('/var/lib/timeball/pending'), null)
      assertEnds(activate(device, 1), 3)
      assertIs(device, 'a')
    })

    test('an applier from before, which knows of no such thing, refuses what has none', () => {
      updated.restore()
      const lines = (device.read(`${kept}/manifest`) ?? '').split('\n')
      const [index = ''] = lines.flatMap((line) =>
        line.endsWith(paths.env) && line.startsWith('file ') ? line.split(' ').slice(1) : [],
      )
      assert.match(index, /^masked-\d$/)
    })

    test('a kept file that is damaged is not gone back to', () => {
      updated.restore()
      device.write(`${kept}/files/masked-2`, '# a\nLOG_LEVEL=off\n')
      assert.match(assertFails(activate(device, 1), 'no-way-back', 2), /\.env is damaged/)
      assertIs(device, 'b')
    })

    test('what an older controller kept loses its secrets with the next change', () => {
      const old = newDevice(shell)
      assertEnds(apply(old, a, { edit: withoutSecrets }), 1)
      assertEnds(confirm(old, 1), 1)
      assert.deepEqual(keptWith(old, 'key-of'), ['1/files/2'])
      assertEnds(apply(old, b), 2)
      assertEnds(confirm(old, 2), 2)
      assert.deepEqual(keptWith(old, 'key-of'), [])
      assertEnds(activate(old, 1), 3)
      assertIs(old, 'a')
      old.dispose()
    })

    test('a confirmation needs no room: the secrets are forgotten when there is some', () => {
      settled.restore()
      assertEnds(apply(device, b), 2)
      assertEnds(confirm(device, 2, { counted: true, env: { FULL_AT: '1' } }), 2)
      assert.deepEqual(keptWith(device, 'key-of'), ['2/files/2'])
      device.boot()
      device.runStayed(['recover'])
      assert.deepEqual(keptWith(device, 'key-of'), [])
    })

    test('a rollback that is open does not stop a change, nor does there being none to prove', (t) => {
      settled.restore()
      assertEnds(apply(device, b, proving()), 2)
      assertIs(device, 'b')
      const blank = newDevice(shell)
      t.after(() => blank.dispose())
      assertEnds(apply(blank, a, proving()), 1)
    })

    const broken = 'broken\n'
    const replaceDigest = (text: string | null): string =>
      (text ?? '').replace(sha256(a.compose), sha256(broken))
    const obstacles: Readonly<Record<string, readonly [() => void, RegExp]>> = {
      'without its image': [() => device.remove(imageFile), /image ghcr\.io.* is not here/],
      'when Docker does not answer for it': [
        () => device.write('/world/docker-down', ''),
        /Docker does not say/,
      ],
      'without its manifest': [() => device.remove(`${kept}/manifest`), /is not kept/],
      'without one of its files': [() => device.remove(`${kept}/files/1`), /ntp\.conf is gone/],
      'with a damaged file': [
        () => device.write(`${kept}/files/masked-2`, 'API_KEY_1=other\n'),
        /\.env is damaged/,
      ],
      'with a compose file that does not parse any more': [
        () => {
          device.write(`${kept}/files/3`, broken)
          device.write(`${kept}/manifest`, replaceDigest(device.read(`${kept}/manifest`)))
        },
        /yaml: broken, near # a API_KEY_1= /,
      ],
    }
    for (const [what, [obstruct, reason]] of Object.entries(obstacles)) {
      test(`a generation ${what} is not left for another one`, () => {
        settled.restore()
        obstruct()
        const before = device.list('/world/images')
        const detail = assertFails(apply(device, b, proving()), 'no-way-back', 1)
        assert.match(detail, /^generation 1 could not be activated again: /)
        assert.match(detail, reason)
        assertIs(device, 'a')
        assert.deepEqual(device.list('/world/images'), before)
        assert.deepEqual(device.list('/world/timers'), [])
        assert.equal(device.read('/var/lib/timeball/pending'), null)
        device.remove('/world/docker-down')
        assertEnds(apply(device, b), 2)
      })
    }
  })
}
