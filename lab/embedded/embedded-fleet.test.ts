import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { confirmManifest, rebootManifest } from '../../fleet/src/core/bundle/bundle.ts'
import { embeddedImages } from './images.ts'
import { ssh } from './test/ssh-client.ts'
import { operatorOf } from './test/operator.ts'
import { temporaryFleet, until } from './test/temporary-fleet.ts'

const embedded = await temporaryFleet()
const operator = await operatorOf(embedded)
after(() => operator.close())

async function health(name: string): Promise<{ status: number; body: unknown } | null> {
  const { address, httpPort } = embedded.device(name)
  const response = await fetch(`http://${address}:${httpPort}/health`).catch(() => null)
  return response === null ? null : { status: response.status, body: await response.json() }
}

async function deploy(name: string, image: string): Promise<void> {
  const report = await operator.apply(name, image)
  assert.equal(report.end.status, 'ok', JSON.stringify(report.end))
  const generation = report.end.generation ?? 0
  const confirmed = await operator.send(name, confirmManifest(generation, operator.operation()))
  assert.deepEqual(confirmed.end, { status: 'ok', generation })
}

test('a blank device is deployed to, serves, and then has nothing left to change', async () => {
  await deploy('pi-gps-01', embeddedImages.first.ref)
  await until('it serves', async () => (await health('pi-gps-01'))?.status === 200)
  const found = await health('pi-gps-01')
  assert.ok(found !== null && typeof found.body === 'object' && found.body !== null)
  assert.ok('version' in found.body && 'device' in found.body)
  assert.deepEqual([found.body.version, found.body.device], ['1.0.0', 'pi-gps-01'])
  const again = await operator.plan('pi-gps-01', embeddedImages.first.ref)
  assert.deepEqual(again.changes, [])
})

test('a follower deploys and is in step with the servers of its fleet', async () => {
  await deploy('pi-gps-02', embeddedImages.first.ref)
  await deploy('pi-ntp-01', embeddedImages.first.ref)
  await until('it is in step', async () => {
    const found = await health('pi-ntp-01')
    return JSON.stringify(found?.body ?? null).includes('"stratum":2')
  })
  const peers = await ssh(embedded, 'pi-ntp-01', 'docker exec mcp-utc-time ntpq -p -n')
  assert.match(peers.stdout, new RegExp(`^\\*${embedded.device('pi-gps-01').address} `, 'm'))
})

test('a generation that nobody confirms reverts by itself', async () => {
  await operator.apply('pi-gps-02', embeddedImages.second.ref, 1)
  const desired = operator.desired('pi-gps-02', embeddedImages.first.ref)
  await until('it has gone back', async () => {
    return (await operator.observe('pi-gps-02', desired)).pending === null
  })
  const observed = await operator.observe('pi-gps-02', desired)
  assert.equal(observed.recovered?.reason, 'unconfirmed')
  assert.equal(observed.generation, 1)
  assert.equal(observed.containers.get('mcp-utc-time')?.state, 'running')
  const plan = await operator.plan('pi-gps-02', embeddedImages.first.ref)
  assert.deepEqual(plan.changes, [])
})

test('an unconfirmed generation is reverted at the next boot', async () => {
  const device = embedded.device('pi-gps-02')
  const desired = operator.desired('pi-gps-02', embeddedImages.first.ref)
  const before = await operator.observe('pi-gps-02', desired)
  await operator.apply('pi-gps-02', embeddedImages.second.ref)
  await device.powerOff()
  assert.equal(await health('pi-gps-02'), null)
  await device.powerOn()
  const observed = await operator.observe('pi-gps-02', desired)
  assert.notEqual(observed.bootId, before.bootId)
  assert.deepEqual([observed.generation, observed.pending], [1, null])
  assert.equal(observed.recovered?.reason, 'power-loss')
})

test('a device that is told to reboot comes back with a new boot id', async () => {
  const desired = operator.desired('pi-gps-01', embeddedImages.first.ref)
  const before = await operator.observe('pi-gps-01', desired)
  await operator.send('pi-gps-01', rebootManifest(operator.operation()))
  const { root } = embedded.device('pi-gps-01')
  await until('there is a new boot', async () => {
    return (await readFile(join(root, 'proc/boot_id'), 'utf8')).trim() !== before.bootId
  })
  await until('its container is back', async () => (await health('pi-gps-01'))?.status === 200)
})

test('a full disk and an image that is not there are refused before anything is changed', async () => {
  const device = embedded.device('pi-ntp-02')
  device.faults.diskFull = true
  const full = await operator.apply('pi-ntp-02', embeddedImages.first.ref)
  device.faults.diskFull = false
  assert.ok(full.end.status === 'failed' && full.end.failure.code === 'no-space')
  const missing = await operator.apply('pi-ntp-02', embeddedImages.missing.ref)
  assert.ok(missing.end.status === 'failed' && missing.end.failure.code === 'image-failed')
  assert.equal(await health('pi-ntp-02'), null)
})

test('the logs of a container and the ps of a device can be read', async () => {
  const command = 'docker logs --tail 1 mcp-utc-time; docker ps --format "{{.Names}} {{.State}}"'
  const { stdout } = await ssh(embedded, 'pi-gps-01', command)
  assert.match(stdout, /time server started/)
  assert.match(stdout, /^mcp-utc-time running$/m)
  const recent = await ssh(embedded, 'pi-gps-01', 'docker logs --since 0s mcp-utc-time')
  assert.equal(recent.stdout, '')
  const started = /time server started/
  for (const since of ['1h', '1h30m', '2000-01-01T00:00:00Z']) {
    const said = await ssh(embedded, 'pi-gps-01', `docker logs --since ${since} mcp-utc-time`)
    assert.match(said.stdout, started, since)
  }
  const refused = await ssh(embedded, 'pi-gps-01', 'docker logs --since 1d mcp-utc-time')
  assert.match(refused.stderr, /failed to parse value as time or duration/)
  const desired = operator.desired('pi-gps-01', embeddedImages.first.ref)
  const log = (await operator.observe('pi-gps-01', desired)).logs.get('mcp-utc-time')
  assert.ok(log !== undefined && log.lines > 0)
  assert.equal(log.errors, 0)
})
