/** A full disk, a second operation, signals, and a machine without systemd, under any shell. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { ShellName, TestDevice } from './device.ts'
import {
  apply,
  checkpoint,
  confirm,
  contentsOf,
  releaseOf,
  revert,
  runningRelease,
  settledDevice,
} from './site.ts'

const a = contentsOf('a')
const b = contentsOf('b')

function assertWhollyA(device: TestDevice): void {
  assert.equal(releaseOf(device, ['a', 'b']), 'a')
  assert.equal(runningRelease(device, ['a', 'b']), 'a')
  assert.equal(device.read('/var/lib/timeball/pending'), null)
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (isTrue()) return
    await wait(50)
  }
  throw new Error(`waited in vain for ${what}`)
}

/** Whether something runs that has a path of the device among its arguments. */
function hasProcesses({ root }: TestDevice): boolean {
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(root)
    } catch {
      // It ended while it was looked at.
      return false
    }
  })
}

export function troubleSuite(shell: ShellName): void {
  describe(`trouble under ${shell}`, () => {
    const device = settledDevice(shell, a)
    const settled = checkpoint(device)
    after(() => {
      device.dispose()
      settled.dispose()
    })

    test('a disk that is full from any write on leaves the old release, at the latest at boot', () => {
      let fullAt = 1
      for (; fullAt < 200; fullAt += 2) {
        settled.restore()
        const run = apply(device, b, { counted: true, env: { FULL_AT: `${fullAt}` } })
        const { end } = run.report()
        if (end.status === 'ok') break
        assert.equal(end.failure.code, 'no-space', end.failure.detail)
        if (device.read('/var/lib/timeball/pending') !== null) {
          device.boot()
          device.runStayed(['recover'])
        }
        assertWhollyA(device)
      }
      assert.ok(fullAt > 20 && fullAt < 200)
    })

    test('a signal in the middle of a change does not leave it half done', () => {
      for (const killAt of [5, 20, 35, 50, 65]) {
        settled.restore()
        const env = { KILL_AT: `${killAt}`, KILL_SIGNAL: 'TERM' }
        const run = apply(device, b, { counted: true, env })
        assert.deepEqual(run.report().end, { status: 'ok', generation: 2 })
        assert.equal(releaseOf(device, ['a', 'b']), 'b')
      }
    })

    test('a second operation is told who holds the device', async () => {
      settled.restore()
      const lock = device.path('/var/lib/timeball/lock')
      const script = 'echo "apply of operation other" >"$1"; echo held; read -r _'
      const holder = spawn('flock', [lock, 'sh', '-c', script, 'sh', lock], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      await once(holder.stdout, 'data')
      const { end } = apply(device, b).report()
      holder.stdin.end()
      await once(holder, 'exit')
      assert.ok(end.status === 'failed')
      assert.equal(end.failure.code, 'locked')
      assert.match(end.failure.detail, /^apply of operation other holds/)
      assertWhollyA(device)
    })

    test('without systemd-run a process of its own waits, and holds neither lock nor output', async () => {
      settled.restore()
      device.write('/world/no-systemd-run', '')
      // It returns long before that timer, and the next operation finds the device free.
      apply(device, b, { confirmSeconds: 3 })
      assert.equal(revert(device).report().end.status, 'ok')
      assertWhollyA(device)
      const { end } = apply(device, b, { confirmSeconds: 1 }).report()
      assert.equal(end.status, 'ok')
      await until('the revert', () => device.read('/var/lib/timeball/pending') === null)
      assertWhollyA(device)
      // The timers of both, and what they run, still have the files that the next test replaces.
      await until('their processes', () => !hasProcesses(device))
    })

    test('a confirmation in time keeps the generation from that process', async () => {
      settled.restore()
      device.write('/world/no-systemd-run', '')
      const { end } = apply(device, b, { confirmSeconds: 8, operation: 'b' }).report()
      assert.equal(end.status, 'ok')
      assert.equal(confirm(device, 2).report().end.status, 'ok')
      await until('its process', () => !hasProcesses(device))
      assert.equal(releaseOf(device, ['a', 'b']), 'b')
    })
  })
}
