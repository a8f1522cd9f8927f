/** What `ask` does, under any shell. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Run, ShellName, TestDevice } from './device.ts'
import { head, newDevice } from './site.ts'

interface Bounds {
  readonly seconds?: number
  readonly mostBytes?: number
}

function ask(device: TestDevice, script: string, { seconds = 30, mostBytes = 4096 }: Bounds = {}) {
  const manifest = [...head('ask'), 'as login', `seconds ${seconds}`, `most-bytes ${mostBytes}`]
  const file = { path: 'script', mode: '0600', content: [script] }
  const run = device.deliver(manifest, [file])
  const report = run.report()
  const exit = report.lines.find((line) => line.type === 'exit')
  assert.ok(exit !== undefined)
  return { output: outputOf(run), exit, end: report.end }
}

function outputOf({ lines }: Run): string {
  const parts = lines.flatMap((line) => (line.type === 'bytes' ? [line.base64] : []))
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))).toString()
}

export function askSuite(shell: ShellName): void {
  describe(`ask under ${shell}`, () => {
    test('both outputs come back in order, with the exit code, and nothing stays', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const { output, exit, end } = ask(device, 'echo out; echo error >&2; cat; exit 7')
      assert.equal(output, 'out\nerror\n')
      assert.deepEqual(exit, { type: 'exit', code: 7, in_time: true, left_out_bytes: 0 })
      assert.equal(end.status, 'ok')
      assert.equal(device.read('/var/lib/timeball'), null)
    })

    test('any bytes arrive as they were', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      for (const text of ['a', 'ab', 'abc', 'abcd', 'x'.repeat(4000)]) {
        assert.equal(ask(device, `printf %s ${text}`).output, text)
      }
    })

    test('a script is read by the program of its first line', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      assert.equal(ask(device, '#!/usr/bin/perl -w\nprint 6 * 7').output, '42')
      const missing = ask(device, '#!/no/such/program\n')
      assert.match(missing.output, /^\/no\/such\/program: No such file/)
      assert.notEqual(missing.exit.code, 0)
    })

    test('what is too much is counted and left out', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const { output, exit } = ask(device, 'head -c 300000 /dev/zero', { mostBytes: 1000 })
      assert.equal(output.length, 1000)
      assert.equal(exit.left_out_bytes, 299_000)
    })

    test('what takes too long is ended, with its children', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const { output, exit } = ask(device, 'echo begun; sleep 600 & sleep 601; echo never', {
        seconds: 1,
      })
      assert.equal(output, 'begun\n')
      assert.equal(exit.in_time, false)
    })

    test('a service that it leaves behind does not hold up its end', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const { output, exit } = ask(device, 'sleep 20 & echo started')
      assert.equal(output, 'started\n')
      assert.deepEqual([exit.code, exit.in_time], [0, true])
    })

    test('half of a script is never run, and half of the program does nothing', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      const script = `touch ${device.path('/done')}; `.repeat(2)
      const whole = device.question(['as root', 'seconds 9', 'most-bytes 9'], script)
      for (const length of [whole.length - 3, whole.length - script.length, 2000, 70]) {
        const { stdout } = device.send(whole.subarray(0, length))
        assert.doesNotMatch(stdout, /"status":"ok"/)
        assert.equal(device.read('/done'), null)
      }
      const { stdout } = device.send(whole.subarray(0, -3))
      assert.match(stdout, /"status":"failed".*"code":"corrupt-bundle"/)
      assert.match(device.send(whole).stdout, /"status":"ok"/)
      assert.equal(device.read('/done'), '')
    })

    test('signals are as a login has them', (t) => {
      const device = newDevice(shell)
      t.after(() => device.dispose())
      assert.equal(ask(device, 'kill -HUP $$; echo deaf').exit.code, 129)
    })
  })
}
