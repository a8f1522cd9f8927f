/** A shadow on an embedded device: two releases side by side, each on ports of its own. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { controlClient } from '@timeball/clock/control/client.ts'
import { confirmManifest } from '../../fleet/src/core/bundle/bundle.ts'
import { shadowDownManifest, shadowUpManifest } from '../../fleet/src/core/bundle/shadow.ts'
import { embeddedImages } from './images.ts'
import { operatorOf } from './test/operator.ts'
import { temporaryFleet, until } from './test/temporary-fleet.ts'

const name = 'pi-gps-01'
const embedded = await temporaryFleet({
  devices: [{ name, group: 'stratum1', ntpServers: [] }],
})
const operator = await operatorOf(embedded)
after(() => operator.close())
const device = embedded.device(name)
const ports = { ntp: 41_123, http: 43_000, metrics: 49_090 }

async function versionOn(port: number): Promise<unknown> {
  const response = await fetch(`http://${device.address}:${port}/health`).catch(() => null)
  const body: unknown = await response?.json()
  return typeof body === 'object' && body !== null && 'version' in body ? body.version : null
}

async function serves(port: number): Promise<boolean> {
  const client = controlClient({ host: device.address, port, timeoutMs: 2000 })
  return (await client.readSystem()).ok
}

async function shadowUp(image: string) {
  const shadow = { image, ports, ntpServers: [device.address] }
  return operator.send(name, shadowUpManifest(shadow, operator.operation()))
}

async function serveFirst(): Promise<void> {
  const report = await operator.apply(name, embeddedImages.first.ref)
  const confirm = confirmManifest(report.end.generation ?? 0, operator.operation())
  assert.equal((await operator.send(name, confirm)).end.status, 'ok')
}

test('a new release runs beside the one that serves, and goes when it takes over', async () => {
  await serveFirst()
  await until('the first release answers', async () => (await versionOn(device.httpPort)) !== null)
  assert.equal((await shadowUp(embeddedImages.second.ref)).end.status, 'ok')
  await until('the shadow answers', async () => (await versionOn(ports.http)) === '1.1.0')
  await until('its ntpd answers', () => serves(ports.ntp))
  assert.equal(await versionOn(device.httpPort), '1.0.0')
  assert.equal(await serves(device.ntpPort), true)
  assert.equal((await operator.apply(name, embeddedImages.second.ref)).end.status, 'ok')
  await until('the second release answers', async () => {
    return (await versionOn(device.httpPort)) === '1.1.0'
  })
  assert.equal(await versionOn(ports.http), null)
  assert.equal(await serves(ports.ntp), false)
  await device.powerOff()
  await device.powerOn()
})

test('a shadow does not come back after a power cut', async () => {
  assert.equal((await shadowUp(embeddedImages.second.ref)).end.status, 'ok')
  await until('the shadow answers', async () => (await versionOn(ports.http)) === '1.1.0')
  await device.powerOff()
  await device.powerOn()
  const desired = operator.desired(name, embeddedImages.first.ref)
  assert.equal(
    (await operator.observe(name, desired)).containers.get('mcp-utc-time')?.state,
    'running',
  )
  assert.equal(await versionOn(ports.http), null)
})

test('a shadow that ends at once is told, and one that runs can be sent away', async () => {
  const crashed = await shadowUp(embeddedImages.crashing.ref)
  assert.ok(crashed.end.status === 'failed' && crashed.end.failure.code === 'compose-failed')
  assert.equal((await shadowUp(embeddedImages.second.ref)).end.status, 'ok')
  await until('the shadow answers', async () => (await versionOn(ports.http)) === '1.1.0')
  const down = await operator.send(name, shadowDownManifest(operator.operation()))
  assert.equal(down.end.status, 'ok')
  assert.equal(await versionOn(ports.http), null)
})
