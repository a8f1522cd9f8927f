/** Packages at versions: there, back, and what cannot be had back. Under any shell. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { RunOptions, Run, ShellName } from './device.ts'
import { sha256 } from './device.ts'
import type { ApplyOptions } from './site.ts'
import { activate, apply, checkpoint, confirm, contentsOf, revert, settledDevice } from './site.ts'

const a = contentsOf('a')
const version = '/world/packages/ntpsec'

/** Release a with this line in place of `package ntpsec`. */
function withPackage(line: string, options: ApplyOptions = {}): ApplyOptions {
  const edit = (lines: string[]) => lines.map((each) => (each === 'package ntpsec' ? line : each))
  return { ...options, state: sha256(line), edit }
}

function changes(run: Run): string[] {
  return run.lines.flatMap((line) =>
    line.type === 'resource' && line.change !== 'none' ? [`${line.resource} ${line.change}`] : [],
  )
}

function assertEnds(run: Run, generation: number): void {
  assert.deepEqual(run.report().end, { status: 'ok', generation })
}

function detailOf(run: Run): string {
  const { end } = run.report()
  assert.ok(end.status === 'failed' && end.failure.code === 'package-failed', run.stdout)
  return end.failure.detail
}

export function packageSuite(shell: ShellName): void {
  describe(`packages at versions under ${shell}`, () => {
    const device = settledDevice(shell, a)
    const settled = checkpoint(device)
    const toVersion = (wanted: string, options: ApplyOptions = {}): Run =>
      apply(device, a, withPackage(`package ntpsec ${wanted}`, options))
    assertEnds(toVersion('2.0-1'), 2)
    const unconfirmed = checkpoint(device)
    assertEnds(confirm(device, 2), 2)
    const updated = checkpoint(device)
    after(() => {
      device.dispose()
      settled.dispose()
      unconfirmed.dispose()
      updated.dispose()
    })

    test('another version is fetched first, and installed with what there is to go back', () => {
      settled.restore()
      device.write('/world/log', '')
      const run = toVersion('2.0-1')
      assertEnds(run, 2)
      assert.deepEqual(changes(run), ['package:ntpsec update'])
      assert.equal(device.read(version), '2.0-1\n')
      const calls = device.log().filter((line) => line.startsWith('apt-get'))
      assert.deepEqual(
        calls.map((line) => line.split(' ').slice(-3).join(' ')),
        [
          'Dpkg::Options::=--force-confold --download-only ntpsec=2.0-1',
          '--download-only --reinstall ntpsec=1.0-1',
          '-o Dpkg::Options::=--force-confold ntpsec=2.0-1',
        ],
      )
      assertEnds(confirm(device, 2), 2)
      assert.deepEqual(changes(toVersion('2.0-1')), [])
    })

    test('a package that is not there is installed at its version', () => {
      settled.restore()
      device.remove(version)
      assert.deepEqual(changes(toVersion('2.0-1')), ['package:ntpsec create'])
      assert.equal(device.read(version), '2.0-1\n')
    })

    test('a version that no mirror has is told before anything is touched', () => {
      settled.restore()
      device.write('/world/apt-lacks', 'ntpsec=9.9-9\n')
      assert.match(detailOf(toVersion('9.9-9')), /ntpsec=9\.9-9 was not found/)
      assert.equal(device.read('/var/lib/timeball/pending'), null)
      assert.equal(device.read(version), '1.0-1\n')
    })

    test('a version that fails when it is unpacked puts the old one back', () => {
      settled.restore()
      device.write('/world/apt-breaks', 'ntpsec=2.0-1\n')
      device.write(version, '1.5-1\n')
      const detail = detailOf(toVersion('2.0-1'))
      assert.match(detail, /dpkg: error/)
      assert.equal(device.read('/var/lib/timeball/pending'), null)
      assert.equal(device.read(version), '1.5-1\n')
    })

    for (const [what, rollBack] of [
      ['a revert', () => revert(device)],
      ['the timer', () => device.runStayed(['timer', '2', 'to-2'])],
    ] as const) {
      test(`${what} installs the version before again`, () => {
        settled.restore()
        assertEnds(toVersion('2.0-1', { operation: 'to-2' }), 2)
        rollBack()
        assert.equal(device.read(version), '1.0-1\n')
        assert.equal(device.read('/var/lib/timeball/pending'), null)
      })
    }

    test('a revert says which version it cannot have back', () => {
      unconfirmed.restore()
      device.write('/world/apt-lacks', 'ntpsec=1.0-1\n')
      const run = revert(device)
      const { end } = run.report()
      assert.ok(end.status === 'failed' && end.generation === 1)
      assert.match(end.failure.detail, /generation 1 is back, with trouble: .*ntpsec=1\.0-1/)
      assert.deepEqual(changes(run), ['package:ntpsec failed'])
      assert.equal(device.read('/var/lib/timeball/pending'), null)
    })

    test('an older generation gets the version that it was left with, though it names none', () => {
      updated.restore()
      const run = activate(device, 1)
      assertEnds(run, 3)
      assert.deepEqual(changes(run), ['package:ntpsec update'])
      assert.equal(device.read(version), '1.0-1\n')
      assertEnds(confirm(device, 3), 3)
      assertEnds(activate(device, 2), 4)
      assert.equal(device.read(version), '2.0-1\n')
    })

    for (const obstacle of ['apt-lacks', 'apt-breaks']) {
      test(`an older generation does without a version that is gone, and says so (${obstacle})`, () => {
        settled.restore()
        assertEnds(apply(device, contentsOf('b'), withPackage('package ntpsec 2.0-1')), 2)
        assertEnds(confirm(device, 2), 2)
        device.write(`/world/${obstacle}`, 'ntpsec=1.0-1\n')
        const run = activate(device, 1)
        assertEnds(run, 3)
        assert.ok(changes(run).includes('package:ntpsec failed'))
        assert.ok(changes(run).includes('compose:/opt/time up'))
        assert.equal(device.read(version), '2.0-1\n')
      })
    }

    test('a power cut anywhere leaves the version before, after the boot', () => {
      for (let kill = 1; ; kill += 1) {
        settled.restore()
        const run: RunOptions = { env: { TIMEBALL_FAULT: `${kill}` } }
        const { lines } = toVersion('2.0-1', { ...run, operation: 'to-2' })
        device.boot()
        device.runStayed(['recover'])
        assert.equal(device.read(version), '1.0-1\n', `killed at ${kill}`)
        assert.equal(device.read('/var/lib/timeball/pending'), null)
        if (lines.at(-1)?.type === 'end') return
      }
    })

    test('a power cut while the version before comes back is made good at the next boot', () => {
      for (let kill = 1; ; kill += 1) {
        unconfirmed.restore()
        device.boot()
        device.runStayed(['recover'], { env: { TIMEBALL_FAULT: `${kill}` } })
        const isDone = device.read('/var/lib/timeball/pending') === null
        device.boot()
        device.runStayed(['recover'])
        assert.equal(device.read(version), '1.0-1\n', `killed at ${kill}`)
        if (isDone) return
      }
    })
  })
}
