import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { controlClient } from '@timeball/clock/control/client.ts'
import { embeddedImages } from './images.ts'
import { operatorOf } from './test/operator.ts'
import { temporaryFleet, until } from './test/temporary-fleet.ts'

const embedded = await temporaryFleet({
  devices: [
    { name: 'pi-gps-01', group: 'stratum1', ntpServers: [], bootConfig: '' },
    { name: 'pi-gps-02', group: 'stratum1', ntpServers: [] },
  ],
})
const operator = await operatorOf(embedded)
after(() => operator.close())

async function healthStatus(name: string): Promise<number | null> {
  const { address, httpPort } = embedded.device(name)
  const response = await fetch(`http://${address}:${httpPort}/health`).catch(() => null)
  await response?.body?.cancel()
  return response?.status ?? null
}

test('a release that ends at once is taken back by the device itself', async () => {
  const report = await operator.apply('pi-gps-01', embeddedImages.crashing.ref)
  assert.ok(report.end.status === 'failed')
  assert.equal(report.end.failure.code, 'compose-failed')
  const desired = operator.desired('pi-gps-01', embeddedImages.first.ref)
  const observed = await operator.observe('pi-gps-01', desired)
  assert.deepEqual([observed.generation, observed.pending], [0, null])
  assert.equal(observed.containers.get('mcp-utc-time')?.state, 'absent')
})

test('a release that never comes into step says so over HTTP', async () => {
  const report = await operator.apply('pi-gps-02', embeddedImages.unsynchronised.ref)
  assert.equal(report.end.status, 'ok')
  await until('it answers', async () => (await healthStatus('pi-gps-02')) !== null)
  assert.equal(await healthStatus('pi-gps-02'), 503)
})

test('the boot configuration of a fresh Pi is changed, and that of a prepared one is not', async () => {
  const fresh = await operator.plan('pi-gps-01', embeddedImages.first.ref)
  const prepared = await operator.plan('pi-gps-02', embeddedImages.first.ref)
  assert.deepEqual([fresh.reboot, prepared.reboot], ['pending', 'none'])
})

test('there is no NTP service without a container', async () => {
  const { address, ntpPort } = embedded.device('pi-gps-01')
  const client = controlClient({ host: address, port: ntpPort, timeoutMs: 2000 })
  const system = await client.readSystem()
  assert.ok(!system.ok)
  assert.equal(system.failure.code, 'no-listener')
})
