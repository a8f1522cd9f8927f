/** Commands of a day with a fleet, on an embedded one. */
import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFleet, until } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { recordSchema } from '../../src/api/records/records.ts'
import { controllerOf } from './controller.ts'

const sources = ['pi-gps-01', 'pi-gps-02']
const embedded = await temporaryFleet({
  devices: [
    ...sources.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
    { name: 'pi-ntp-01', group: 'stratum2', ntpServers: sources },
  ],
})
const controller = await controllerOf(embedded)

test('status: a fleet that is well is a few lines', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  await until('all are well', async () => (await controller.run('health')).exit === 0)
  const { exit, stdout } = await controller.run('status')
  assert.deepEqual(stdout.split('\n'), [
    'Fleet embedded: 3 devices, image registry.embedded/mcp-utc-time-server@sha256:111111111111…',
    'time     3 of 3 give good time',
    '         stratum1: 2 good now, at most 1 away at once, 1 must stay: ok',
    '         stratum2: 1 good now, at most 1 away at once, 0 must stay: ok',
    'trouble  none',
    'rollout  there was none yet',
  ])
  assert.equal(exit, 0)
})

test('status: who is down comes first, and what drifted is told by name', async () => {
  await embedded.device('pi-gps-02').powerOff()
  const environment = join(embedded.device('pi-ntp-01').root, 'opt/mcp-utc-time-server/.env')
  await appendFile(environment, 'X=1\n')
  const { exit, stdout } = await controller.run('status --json')
  assert.equal(exit, 5)
  const records = stdout.split('\n').map((line) => recordSchema.parse(JSON.parse(line)))
  const status = records.find((record) => record.type === 'fleet_status')
  assert.ok(status?.type === 'fleet_status')
  assert.equal(status.good, 2)
  assert.deepEqual(
    status.quorum.map(({ set, good, verdict }) => [set, good, verdict]),
    [
      ['stratum1', 1, 'tight'],
      ['stratum2', 1, 'ok'],
    ],
  )
  const { stdout: screen } = await controller.run('status')
  assert.match(screen, /^trouble +pi-gps-02 down: nothing listens on UDP /m)
  assert.match(screen, /^drift +pi-ntp-01 file:\/opt\/mcp-utc-time-server\/\.env/m)
  await embedded.device('pi-gps-02').powerOn()
})
