/**
 * What an operator's controller does to one embedded device, made of the real parts: inventory and
 * settings are read, the state is planned, and bundles go through the ssh engine.
 */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  applyManifest,
  encodeBundle,
  observeManifest,
  type Manifest,
  type Operation,
} from '../../../fleet/src/core/bundle/bundle.ts'
import { desiredState } from '../../../fleet/src/core/desired/desired-state.ts'
import type { DesiredState } from '../../../fleet/src/core/desired/resource.ts'
import { buildFleet } from '../../../fleet/src/core/fleet/build-fleet.ts'
import type { Fleet } from '../../../fleet/src/core/fleet/fleet.ts'
import { parseSettings } from '../../../fleet/src/core/settings/whole-settings.ts'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import { textSource } from '@timeball/inventory/sources/source.ts'
import type { DevicePlan } from '../../../fleet/src/core/plan/change.ts'
import type { Observed } from '../../../fleet/src/core/plan/observed.ts'
import { planDevice } from '../../../fleet/src/core/plan/plan-device.ts'
import { finalFiles, type FinalFile } from '../../../fleet/src/core/plan/plan-files.ts'
import { sha256Hex } from '../../../fleet/src/core/hash/sha256.ts'
import { Secret } from '../../../fleet/src/core/secrets/secret.ts'
import { toObserved, type DeviceReport } from '../../../fleet/src/device/report.ts'
import type { Engine } from '../../../fleet/src/ports/engine.ts'
import { sshEngine } from '../../../fleet/src/engines/ssh/ssh-engine.ts'
import { readApplier } from '../../../fleet/src/main/applier.ts'
import type { EmbeddedFleet } from '../start.ts'

export interface Operator {
  readonly fleet: Fleet
  desired(name: string, image: string): DesiredState
  /** Sends one bundle; not getting a report fails the test. */
  send(name: string, manifest: Manifest, files?: readonly FinalFile[]): Promise<DeviceReport>
  observe(name: string, desired: DesiredState): Promise<Observed>
  plan(name: string, image: string): Promise<DevicePlan>
  /** Observes, plans and applies, and does not confirm. */
  apply(name: string, image: string, confirmSeconds?: number): Promise<DeviceReport>
  operation(): Operation
  close(): Promise<void>
}

export async function operatorOf(embedded: EmbeddedFleet): Promise<Operator> {
  const fleet = await readFleet(embedded)
  const applier = await readApplier()
  const engine = sshEngine({
    controlDirectory: join(embedded.privateKeyFile, '../../control'),
    knownHostsFiles: [embedded.knownHostsFile],
    hostKeys: 'strict',
    connectTimeoutSeconds: 5,
    persistSeconds: 30,
  })
  const send: Operator['send'] = (name, manifest, files = []) =>
    deliver(engine, fleet, { name, manifest, bundle: encodeBundle(applier, manifest, files) })

  function desired(name: string, image: string): DesiredState {
    const secrets = [new Secret('API_KEY_1', 'a-key-for-tests-only')]
    const input = { device: deviceOf(fleet, name), settings: fleet.settings, secrets }
    return desiredState({ ...input, release: { image } })
  }

  async function observe(name: string, state: DesiredState): Promise<Observed> {
    const manifest = observeManifest(state, operation(), { logSeconds: 3_600 })
    const observed = toObserved(await send(name, manifest))
    assert.ok(observed.ok, JSON.stringify(observed))
    return observed.value
  }

  return {
    fleet,
    desired,
    send,
    observe,
    operation,
    async plan(name, image) {
      const state = desired(name, image)
      return planDevice(state, await observe(name, state), { reboot: 'never' })
    },
    async apply(name, image, confirmSeconds = 120) {
      const state = desired(name, image)
      const observed = await observe(name, state)
      const plan = planDevice(state, observed, { reboot: 'never' })
      const stateDigest = sha256Hex(image)
      const input = { desired: state, observed, plan, stateDigest, confirmSeconds }
      return send(name, applyManifest(input, operation()), finalFiles(state, observed))
    },
    close: () => engine.close('end'),
  }
}

function operation(): Operation {
  return { id: randomUUID(), nonce: randomBytes(16).toString('hex'), epoch: 1 }
}

async function readFleet({ inventoryPath, fleetYamlPath }: EmbeddedFleet): Promise<Fleet> {
  const text = await readFile(inventoryPath, 'utf8')
  const inventory = parseInventory(textSource(inventoryPath, text))
  assert.ok(inventory.ok, JSON.stringify(inventory))
  const settings = parseSettings(fleetYamlPath, await readFile(fleetYamlPath, 'utf8'))
  assert.ok(settings.ok, JSON.stringify(settings))
  const fleet = buildFleet(settings.value, inventory.value)
  assert.ok(fleet.ok, JSON.stringify(fleet))
  return fleet.value
}

function deviceOf(fleet: Fleet, name: string): Fleet['devices'][number] {
  const device = fleet.devices.find((each) => each.name === name)
  assert.ok(device)
  return device
}

interface Sending {
  readonly name: string
  readonly manifest: Manifest
  readonly bundle: Uint8Array
}

async function deliver(
  engine: Engine,
  fleet: Fleet,
  { name, manifest, bundle }: Sending,
): Promise<DeviceReport> {
  const device = deviceOf(fleet, name)
  const target = {
    device: name,
    address: device.address,
    port: device.sshPort,
    user: device.user,
    privateKeyFile: device.privateKeyFile,
    commonArgs: device.commonArgs,
  }
  const nonce = manifest.find((line) => line.startsWith('nonce '))?.slice('nonce '.length) ?? ''
  const report = await engine.deliver(target, {
    bundle,
    nonce,
    timeoutMs: 60_000,
    connection: 'reuse',
    signal: new AbortController().signal,
    onLine: () => {},
  })
  assert.ok(report.ok, JSON.stringify(report))
  return report.value
}
