/** `timeball gps calibrate` on an embedded fleet. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { recordSchema } from '../../src/api/records/records.ts'
import { controllerOf } from './controller.ts'

const sources = ['pi-gps-01', 'pi-gps-02', 'pi-gps-03']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const controller = await controllerOf(embedded)
const { root } = embedded.device('pi-gps-01')

async function hear(lateMs: readonly number[]): Promise<void> {
  const lines = lateMs.map((late, n) =>
    JSON.stringify({
      ...{ class: 'TOFF', device: '/dev/serial0', real_sec: 1_764_381_600 + n, real_nsec: 0 },
      ...{ clock_sec: 1_764_381_600 + n, clock_nsec: late * 1_000_000 },
    }),
  )
  await writeFile(join(root, 'run/gpsd.json'), `${lines.join('\n')}\n`)
}

test('the setting that fits is proposed, written as told, and reaches the device', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await hear(Array.from({ length: 60 }, (_, n) => 140 + (n % 3)))
  const { exit, stdout, stderr } = await controller.run('gps calibrate pi-gps-01 --for 30s')
  assert.match(stdout, /^pi-gps-01: 60 sentences in 30 s, against /, stderr)
  const [, proposed = ''] = /^ {4}(gps_latency: 0\.1[34]\d)$/m.exec(stdout) ?? []
  assert.notEqual(proposed, '', stdout)
  assert.equal(exit, 0)
  await controller.edit('inventory', 'gps_enabled', `${proposed}\n          gps_enabled`)
  const applied = await controller.run('apply pi-gps-01 --yes')
  assert.equal(applied.exit, 0, applied.stderr)
  const environment = await readFile(join(root, 'opt/mcp-utc-time-server/.env'), 'utf8')
  assert.match(environment, /^GPS_LATENCY_SECONDS=0\.1[34]\d$/m)
})

test('--json: one record; what cannot be measured is no proposal', async () => {
  const { stdout } = await controller.run('gps calibrate pi-gps-01 --for 30s --json')
  const records = stdout.split('\n').map((line) => recordSchema.parse(JSON.parse(line)))
  const found = records.find((record) => record.type === 'gps_calibration')
  assert.ok(found?.type === 'gps_calibration' && found.samples === 60)
  await hear(Array.from({ length: 60 }, (_, n) => n * 10))
  const scattered = await controller.run('gps calibrate pi-gps-01 --for 30s')
  assert.match(scattered.stderr, /^timeball: pi-gps-01: nothing is proposed: its sentences come/m)
  assert.equal(scattered.exit, 5)
})

test('a server without a receiver, several, and a time that is none are refused', async () => {
  assert.match((await controller.run('gps calibrate pi-ntp-01')).stderr, /has no receiver/)
  assert.equal((await controller.run('gps calibrate stratum1')).exit, 64)
  const hurried = await controller.run('gps calibrate pi-gps-01 --for 3s')
  assert.match(hurried.stderr, /a time such as 5m, from 30s to 1h/)
  assert.equal(hurried.exit, 64)
})
