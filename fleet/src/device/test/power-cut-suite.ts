/**
 * Power cuts. The applier is killed at every fault point, or at every command that it runs; then the
 * device boots and recovers. After that it must be wholly in one release, and able to change again.
 */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { RunOptions, ShellName, TestDevice } from './device.ts'
import {
  activate,
  apply,
  checkpoint,
  confirm,
  contentsOf,
  keptWith,
  paths,
  releaseOf,
  revert,
  runningRelease,
  settledDevice,
} from './site.ts'

const a = contentsOf('a')
const b = contentsOf('b')
const names = ['a', 'b']

/** More than any operation has; reaching it means that the kills never end. */
const maxKills = 400

type Cut = (kill: number) => RunOptions

/** At each point that the applier names before and after whatever must last. */
export const atPoints: Cut = (kill) => ({ env: { TIMEBALL_FAULT: `${kill}` } })
/** One of so many; the nightly run tries every one. */
export const everyNth = (stride: number): number =>
  process.env['NIGHTLY'] === undefined ? stride : 1

/** At each command that it runs. */
export const atCommands: Cut = (kill) => ({ counted: true, env: { KILL_AT: `${kill}` } })

export interface PowerCutOptions {
  readonly cut: Cut
  /** Of so many kills one is tried; which, chance says, and a failure tells. */
  readonly stride: number
}

function boot(device: TestDevice, options: RunOptions = {}): void {
  device.boot()
  device.runStayed(['recover'], options)
}

/** Wholly in `release`, at rest, with nothing left behind; and able to change. */
function assertWholly(device: TestDevice, release: string, generation: number): void {
  assert.equal(releaseOf(device, names), release)
  assert.equal(runningRelease(device, names), release)
  assert.equal(device.read('/var/lib/timeball/pending'), null)
  assert.equal(device.read('/var/lib/timeball/current'), `${generation}\n`)
  assert.equal(device.read('/world/units/gpsd.service'), 'loaded active enabled\n')
  for (const path of Object.values(paths)) {
    const left = device.list(path.slice(0, path.lastIndexOf('/')))
    assert.deepEqual(
      left.filter((name) => name.startsWith('.timeball')),
      [],
      'nothing is left',
    )
  }
}

/** At no instant may anybody else read a file that holds a key. */
function assertNoOpenSecret(device: TestDevice): void {
  for (const name of device.list('/opt/time')) {
    const path = `/opt/time/${name}`
    if (!device.read(path)?.includes('API_KEY')) continue
    assert.equal(device.mode(path), '0600', path)
  }
}

function assertCanChange(device: TestDevice, release: 'a' | 'b'): void {
  const other = release === 'a' ? 'b' : 'a'
  const { end } = apply(device, contentsOf(other)).report()
  assert.ok(end.status === 'ok', JSON.stringify(end))
  assert.equal(confirm(device, end.generation).report().end.status, 'ok')
  assertWholly(device, other, end.generation)
}

/** Runs `operation` with one kill later each time, until a run comes to its end. */
function untilItEnds(
  { cut, stride }: PowerCutOptions,
  afresh: { restore(): void },
  operation: (options: RunOptions, attempt: number) => boolean,
): number {
  const first = 1 + Math.floor(Math.random() * stride)
  for (let attempt = 0, kill = first; kill < maxKills; attempt += 1, kill += stride) {
    afresh.restore()
    try {
      if (operation(cut(kill), attempt)) return kill
    } catch (cause) {
      throw new Error(`killed at ${kill}`, { cause })
    }
  }
  throw new Error('the kills never came to an end')
}

export function powerCutSuite(shell: ShellName, options: PowerCutOptions): void {
  describe(`power cuts under ${shell}`, () => {
    const device = settledDevice(shell, a)
    const settled = checkpoint(device)
    apply(device, b, { operation: 'b' })
    const unconfirmed = checkpoint(device)
    confirm(device, 2)
    const updated = checkpoint(device)
    after(() => {
      device.dispose()
      updated.dispose()
      settled.dispose()
      unconfirmed.dispose()
    })

    test('in apply: the device is in the old release after the boot', () => {
      const kills = untilItEnds(options, settled, (run, attempt) => {
        const { lines } = apply(device, b, { ...run, operation: 'b' })
        const isDone = lines.at(-1)?.type === 'end'
        assertNoOpenSecret(device)
        boot(device)
        assertWholly(device, 'a', 1)
        if (attempt % 5 === 0) assertCanChange(device, 'a')
        return isDone
      })
      assert.ok(kills * options.stride > 30)
    })

    /** What may happen to a device after a rollback to `a` was cut short. */
    const afterwards: Readonly<Record<string, () => void>> = {
      'after the boot': () => boot(device),
      'after its timer': () => {
        if (device.list('/world/timers').length > 0) device.runStayed(['timer', '3', 'back'])
      },
      'after another attempt': () => activate(device, 1),
      'after a revert': () => revert(device),
    }
    for (const [when, goOn] of Object.entries(afterwards)) {
      test(`on the rollback: ${when} the device is in the release to which it had set out`, () => {
        const stride = when === 'after the boot' ? options.stride : options.stride * 3
        untilItEnds({ ...options, stride }, updated, (run) => {
          const { lines } = activate(device, 1, { ...run, operation: 'back' })
          const isDone = lines.at(-1)?.type === 'end'
          const isBack = device.read('/var/lib/timeball/current') === '3\n'
          const hasSetOut = isBack || device.read('/var/lib/timeball/pending') !== null
          assertNoOpenSecret(device)
          goOn()
          if (hasSetOut || when === 'after another attempt') assertWholly(device, 'a', 3)
          else assertWholly(device, 'b', 2)
          assert.equal(activate(device, 1).report().end.status, 'ok', 'one resume is enough')
          assertWholly(device, 'a', 3)
          assert.deepEqual(keptWith(device, 'key-of'), [])
          return isDone
        })
      })
    }

    test('in going on with a rollback: the next boot, or one more attempt, ends it', () => {
      updated.restore()
      activate(device, 1, { operation: 'back', env: { TIMEBALL_FAULT: 'service-changed' } })
      const cutShort = checkpoint(device)
      const afresh = { ...options, stride: options.stride * 2 }
      for (const [goOn, end] of [
        [(run: RunOptions) => boot(device, run), () => boot(device)],
        [(run: RunOptions) => device.runStayed(['timer', '3', 'back'], run), () => boot(device)],
        [(run: RunOptions) => activate(device, 1, run), () => activate(device, 1)],
      ] as const) {
        untilItEnds(afresh, cutShort, (run) => {
          goOn(run)
          const isDone = device.read('/var/lib/timeball/pending') === null
          end()
          assertWholly(device, 'a', 3)
          return isDone
        })
      }
      cutShort.dispose()
    })

    test('in apply, without a reboot: a revert puts everything back', () => {
      untilItEnds({ ...options, stride: options.stride * 3 }, settled, (run) => {
        const { lines } = apply(device, b, run)
        const isDone = lines.at(-1)?.type === 'end'
        assert.equal(revert(device).report().end.status, 'ok')
        assertWholly(device, 'a', 1)
        return isDone
      })
    })

    test('in going back at boot: the next boot ends it', () => {
      untilItEnds(options, unconfirmed, (run) => {
        boot(device, run)
        const isDone = device.read('/var/lib/timeball/pending') === null
        boot(device)
        assertWholly(device, 'a', 1)
        return isDone
      })
    })

    test('in confirm: the device is in the release that it says', () => {
      untilItEnds(options, unconfirmed, (run) => {
        const { lines } = confirm(device, 2, run)
        const isDone = lines.at(-1)?.type === 'end'
        boot(device)
        const release = releaseOf(device, names)
        assertWholly(device, release, release === 'a' ? 1 : 2)
        assert.deepEqual(keptWith(device, 'key-of'), [])
        assert.equal(activate(device, 1).report().end.status, 'ok')
        assert.equal(releaseOf(device, names), 'a')
        if (isDone) assert.equal(release, 'b')
        return isDone
      })
    })
  })
}
