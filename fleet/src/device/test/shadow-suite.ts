/** Another image beside the container: it comes, it steers nothing, and it goes. Under any shell. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { FailureCode } from '../../core/failure.ts'
import type { Run, ShellName } from './device.ts'
import { activate, apply, checkpoint, confirm, contentsOf, head, settledDevice } from './site.ts'

const a = contentsOf('a')
const b = contentsOf('b')
const image = 'ghcr.io/example/time@sha256:4567'
const container = '/world/containers/mcp-utc-time-shadow'
const lines = [
  `image ${image}`,
  'shadow /opt/time /run/timeball 11123 13000 19090',
  'setting API_KEYS_FILE /run/timeball/.env',
  'setting LOG_LEVEL debug',
  'setting NTP_SERVERS 10.0.0.1,10.0.0.2',
]

function changeOf(run: Run): string | undefined {
  const [line] = run.lines.filter(({ type }) => type === 'resource')
  return line?.type === 'resource' ? `${line.resource} ${line.change}` : undefined
}

function assertFails(run: Run, code: FailureCode): string {
  const { end } = run.report()
  assert.ok(end.status === 'failed', run.stdout)
  assert.equal(end.failure.code, code, end.failure.detail)
  return end.failure.detail
}

export function shadowSuite(shell: ShellName): void {
  describe(`the shadow under ${shell}`, () => {
    const device = settledDevice(shell, {
      ...a,
      env: `${a.env}# note\nENABLE_GPS=yes\nPPS_GPIO=4\n`,
    })
    const settled = checkpoint(device)
    after(() => {
      device.dispose()
      settled.dispose()
    })
    const up = (manifest = lines): Run => device.run([...head('shadow-up'), ...manifest])
    const down = (): Run => device.run(head('shadow-down'))
    const assertNone = (): void => assert.equal(device.read(container), null)

    test('it runs beside the container, which stays as it is', () => {
      settled.restore()
      const before = device.read('/world/containers/time')
      const run = up()
      assert.deepEqual(run.report().end, { status: 'ok', generation: 1 })
      assert.equal(changeOf(run), `shadow:${image} up`)
      assert.match(device.read(container) ?? '', /^running /)
      assert.equal(device.read('/world/containers/time'), before)
      assert.equal(device.read('/var/lib/timeball/current'), '1\n')
      assert.equal(device.read('/var/lib/timeball/pending'), null)
    })

    test('it gets the settings without the secrets, and neither the receiver nor the clock', () => {
      settled.restore()
      up()
      assert.deepEqual(device.read('/world/env')?.split('\n').toSorted(), [
        '',
        'API_KEYS_FILE=/run/timeball/.env',
        'CLOCK_DISCIPLINE=no',
        'ENABLE_GPS=no',
        'ENABLE_PPS=no',
        'HTTP_PORT=3000',
        'LOG_LEVEL=debug',
        'METRICS_PORT=9090',
        'NTP_PORT=123',
        'NTP_SERVERS=10.0.0.1,10.0.0.2',
        'PPS_GPIO=4',
      ])
      const command = device.read('/world/ran') ?? ''
      assert.match(command, / --restart no .*--cap-drop ALL --read-only /)
      assert.match(command, / -p 11123:123\/udp -p 13000:3000\/tcp -p 19090:9090\/tcp /)
      assert.doesNotMatch(command, /SYS_TIME|host|unless-stopped/)
    })

    test('the same again changes nothing; another image takes its place', () => {
      settled.restore()
      up()
      const first = device.read(container)
      assert.equal(changeOf(up()), `shadow:${image} none`)
      assert.equal(device.read(container), first)
      const other = image.replace('4567', '89ab')
      const again = up([`image ${other}`, ...lines.slice(1)])
      assert.equal(changeOf(again), `shadow:${other} up`)
      assert.notEqual(device.read(container), first)
    })

    test('it goes when it is told, and that may be repeated', () => {
      settled.restore()
      up()
      assert.equal(changeOf(down()), 'shadow:mcp-utc-time-shadow remove')
      assertNone()
      assert.equal(changeOf(down()), 'shadow:mcp-utc-time-shadow none')
    })

    test('it goes before a change, and at the next boot', () => {
      settled.restore()
      up()
      assert.equal(apply(device, b).report().end.status, 'ok')
      assertNone()
      assert.equal(confirm(device, 2).report().end.status, 'ok')
      up()
      assert.equal(activate(device, 1).report().end.status, 'ok')
      assertNone()
      assert.equal(confirm(device, 3).report().end.status, 'ok')
      up()
      device.boot()
      assert.equal(device.runStayed(['recover']), 0)
      assertNone()
      assert.equal(device.read('/var/lib/timeball/current'), '3\n')
    })

    test('one that ends at once is told, and nothing of it is left', () => {
      settled.restore()
      device.write('/world/run-state', 'exited\n')
      assert.match(assertFails(up(), 'compose-failed'), /the shadow is exited/)
      assertNone()
    })

    test('an image that cannot be had, or a change that waits, leaves things as they are', () => {
      settled.restore()
      device.write('/world/no-registry', '')
      assertFails(up(), 'image-failed')
      device.remove('/world/no-registry')
      assert.equal(apply(device, b).report().end.status, 'ok')
      assertFails(up(), 'unconfirmed')
      assertNone()
    })

    for (const [what, wrong] of [
      ['without a place', lines.filter((line) => !line.startsWith('shadow'))],
      ['without an image', lines.slice(1)],
      ['with a port that is none', [`image ${image}`, 'shadow /opt/time /run/x 0 13000 19090']],
      ['with two ports only', [`image ${image}`, 'shadow /opt/time /run/x 11123 13000']],
      ['with options in its mount', [`image ${image}`, 'shadow /opt/time /run/x:rw 1 2 3']],
    ] as const) {
      test(`an order ${what} is refused`, () => {
        settled.restore()
        const run = device.run([...head('shadow-up'), ...wrong])
        assert.equal(run.exitCode, 3)
        assert.match(run.stdout, /"code":"protocol"/)
        assertNone()
      })
    }
  })
}
