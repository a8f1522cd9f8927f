import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { remoteCommand } from './command.ts'
import { parseReportLine, readReport } from './report.ts'
import { TestDevice } from './test/device.ts'
import { head } from './test/site.ts'

function tarOf(folder: string): Buffer {
  const entries = readdirSync(folder)
  const { stdout, status } = spawnSync('tar', [
    '--format=ustar',
    '-cf',
    '-',
    '-C',
    folder,
    ...entries,
  ])
  assert.equal(status, 0)
  return Buffer.concat([Buffer.from('bundle\n'), stdout])
}

function deliver(device: TestDevice, loginShell: string, bundle: Buffer) {
  const { stdout, status } = spawnSync(loginShell, ['-c', remoteCommand], {
    input: bundle,
    env: device.environment(),
    encoding: 'utf8',
  })
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parsed = parseReportLine(line)
      assert.ok(parsed.ok, line)
      return parsed.value
    })
  return { lines, status }
}

describe('the remote command', () => {
  for (const loginShell of ['sh', 'bash']) {
    test(`unpacks a bundle, runs it and leaves nothing, under ${loginShell}`, (t) => {
      const device = new TestDevice('sh')
      t.after(() => device.dispose())
      const manifest = [...head('observe'), 'watch-disk /']
      const folder = device.unpack(manifest)
      const bundle = tarOf(folder)
      device.remove('/run/timeball')
      const { lines, status } = deliver(device, loginShell, bundle)
      const report = readReport(lines, manifest[3]?.slice(6) ?? '')
      assert.ok(report.ok)
      assert.equal(report.value.end.status, 'ok')
      assert.equal(status, 0)
      assert.equal(device.mode('/run/timeball'), '0700')
      assert.deepEqual(device.list('/run/timeball'), [])
    })
  }

  test('a bundle that is cut off is refused, and leaves nothing', (t) => {
    const device = new TestDevice('sh')
    t.after(() => device.dispose())
    const whole = tarOf(device.unpack(head('observe')))
    device.remove('/run/timeball')
    for (const bundle of [whole.subarray(0, 700), Buffer.from('no tar at all'), Buffer.alloc(0)]) {
      const { lines, status } = deliver(device, 'sh', bundle)
      const report = readReport(lines, 'any')
      assert.ok(report.ok && report.value.end.status === 'failed')
      assert.equal(report.value.end.failure.code, 'corrupt-bundle')
      assert.equal(status, 3)
      assert.deepEqual(device.list('/run/timeball'), [])
    }
  })

  test('a folder that cannot be made is told as no space', (t) => {
    const device = new TestDevice('sh')
    t.after(() => device.dispose())
    device.remove('/run')
    writeFileSync(device.path('/run'), '')
    const report = readReport(deliver(device, 'sh', Buffer.alloc(0)).lines, 'any')
    assert.ok(report.ok && report.value.end.status === 'failed')
    assert.equal(report.value.end.failure.code, 'no-space')
  })

  test('a login user whom sudo refuses is told so', (t) => {
    const device = new TestDevice('sh')
    t.after(() => device.dispose())
    device.write('/bin/sudo', '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n', 0o755)
    device.write('/bin/id', '#!/bin/sh\ncase $1 in -u) echo 1000 ;; *) echo pi ;; esac\n', 0o755)
    const { stdout, status } = spawnSync('sh', ['-c', remoteCommand], {
      env: { PATH: `${device.path('/bin')}:/usr/bin:/bin` },
      encoding: 'utf8',
    })
    const line = parseReportLine(stdout.trim())
    assert.ok(line.ok)
    const report = readReport([line.value], 'any')
    assert.ok(report.ok && report.value.end.status === 'failed')
    assert.deepEqual(report.value.end.failure, {
      code: 'not-root',
      detail: 'sudo -n was refused for pi',
    })
    assert.equal(status, 3)
  })
})
