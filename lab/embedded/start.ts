/**
 * Starts an embedded fleet: devices that run in this process and in a folder, for the demo and for
 * tests on any Linux machine with Node and an OpenSSH client. No root, no Docker. Everything listens
 * on loopback addresses only, and ends with this process.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startDevice, type DeviceAddress, type DeviceEvent, type EmbeddedDevice } from './device.ts'
import { embeddedImages, embeddedRegistry, type Registry } from './images.ts'
import {
  bootConfigOf,
  fleetYamlText,
  guideDevices,
  inventoryText,
  type DeviceSpec,
} from './inventory.ts'
import { makeKeyPair, type KeyPair } from './keys.ts'
import { freeAddresses } from './network.ts'

export interface EmbeddedFleetOptions {
  /** Made when missing. Its path is at most 80 characters without blanks: sockets live below it. */
  readonly directory: string
  /** The guide's four when left out. */
  readonly devices?: readonly DeviceSpec[]
  /** What devices of stratum 1 have besides the clock of one; none when left out. */
  readonly receivers?: 'simulated'
  readonly onEvent?: (event: DeviceEvent) => void
  /** How often the simulated daemons poll each other; 500 when left out. */
  readonly ntpPollIntervalMs?: number
  /** Program and arguments of the containers; the time server of this clone when left out. */
  readonly timeServerCommand?: readonly string[]
}

export interface EmbeddedFleet {
  readonly inventoryPath: string
  readonly fleetYamlPath: string
  readonly privateKeyFile: string
  readonly knownHostsFile: string
  readonly devices: readonly EmbeddedDevice[]
  /** What images do; tests add and change entries. */
  readonly registry: Registry
  device(name: string): EmbeddedDevice
  /** Ends every process and frees every port. The directory stays. */
  stop(): Promise<void>
}

/** Rejects when ssh-keygen is missing, or no loopback addresses can be had. */
export async function startEmbeddedFleet(options: EmbeddedFleetOptions): Promise<EmbeddedFleet> {
  const directory = resolve(options.directory)
  const specs = options.devices ?? guideDevices
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const keys = await makeKeys(directory, specs)
  const registry = embeddedRegistry()
  const places = await freeAddresses(specs.map(({ name }) => name))
  const bootConfigs = new Map(specs.map((spec) => [spec.name, bootConfigOf(spec)]))
  const members = specs.filter(({ group }) => group === 'stratum1').map(({ name }) => name)
  const withReceiver = new Set(options.receivers === 'simulated' ? members : [])
  const neighbours = places.map(({ name, address, ntpPort }) => ({ name, address, port: ntpPort }))
  const devices = await allOrNone(
    places.map((place) =>
      startDevice({
        ...place,
        bootConfig: bootConfigs.get(place.name) ?? '',
        receiver: withReceiver.has(place.name) ? 'simulated' : 'none',
        folder: join(directory, 'devices', place.name),
        hostKey: keyOf(keys.hosts, place.name),
        authorizedKey: keys.client.publicKey,
        registry,
        neighbours,
        timeServerCommand: options.timeServerCommand ?? defaultTimeServer(),
        ntpPollIntervalMs: options.ntpPollIntervalMs ?? 500,
        onEvent: options.onEvent ?? (() => {}),
      }),
    ),
  )
  const paths = {
    inventoryPath: join(directory, 'inventory.yml'),
    fleetYamlPath: join(directory, 'fleet.yaml'),
    privateKeyFile: keys.client.privateKeyFile,
    knownHostsFile: join(directory, 'known_hosts'),
  }
  const image = embeddedImages.first.ref
  await Promise.all([
    writeFile(
      paths.inventoryPath,
      inventoryText(specs, new Map(places.map((place) => [place.name, place]))),
    ),
    writeFile(paths.fleetYamlPath, fleetYamlText({ ...paths, image })),
    writeFile(paths.knownHostsFile, knownHosts(devices, keys.hosts)),
  ])
  return {
    ...paths,
    devices,
    registry,
    device(name) {
      const device = devices.find((each) => each.name === name)
      if (device === undefined) throw new Error(`the embedded fleet has no ${name}`)
      return device
    },
    async stop() {
      await Promise.all(devices.map((device) => device.powerOff()))
    },
  }
}

/** When one device cannot start, those that can must not be left running. */
async function allOrNone(starting: readonly Promise<EmbeddedDevice>[]): Promise<EmbeddedDevice[]> {
  const results = await Promise.allSettled(starting)
  const devices = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = results.find((each) => each.status === 'rejected')
  if (failed === undefined) return devices
  await Promise.all(devices.map((device) => device.powerOff()))
  throw failed.reason
}

interface Keys {
  readonly client: KeyPair
  readonly hosts: ReadonlyMap<string, KeyPair>
}

async function makeKeys(directory: string, specs: readonly DeviceSpec[]): Promise<Keys> {
  const folder = join(directory, 'keys')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [client, ...hosts] = await Promise.all([
    makeKeyPair(join(folder, 'id_ed25519')),
    ...specs.map(
      async ({ name }) => [name, await makeKeyPair(join(folder, `host_${name}`))] as const,
    ),
  ])
  return { client, hosts: new Map(hosts) }
}

function keyOf(keys: ReadonlyMap<string, KeyPair>, name: string): KeyPair {
  const key = keys.get(name)
  if (key === undefined) throw new Error(`no host key for ${name}`)
  return key
}

/** By address and port, and by name for those who set HostKeyAlias. */
function knownHosts(devices: readonly DeviceAddress[], keys: ReadonlyMap<string, KeyPair>): string {
  return devices
    .map(({ name, address, sshPort }) => {
      return `[${address}]:${sshPort},${name} ${keyOf(keys, name).publicKey}\n`
    })
    .join('')
}

/** It ends when its standard input does, and tells the version that its image stands for. */
const lifeline = `data:text/javascript,${encodeURIComponent(
  [
    'process.stdin.on("end", () => process.exit(1)).on("error", () => process.exit(1));',
    'process.stdin.resume().unref();',
    'globalThis.TIMEBALL_VERSION = process.env.TIMEBALL_VERSION;',
  ].join(''),
)}`

/** `EMBEDDED_TIME_SERVER` names its bundle, which starts in a third of the time. */
function defaultTimeServer(): string[] {
  const main = join(import.meta.dirname, '../../time-server/src/main.ts')
  const bundle = process.env['EMBEDDED_TIME_SERVER']
  return [process.execPath, '--import', lifeline, bundle ?? main]
}
