/**
 * Starts the lab: virtual Pis with a registry and an apt mirror, on a network that exists only
 * inside this machine. Each step looks first and does only what is missing, so it can be cut off
 * anywhere and simply run again. Needs root and the packages of `packages.txt`.
 */
import { mkdirSync } from 'node:fs'
import { fail, type Result } from '@timeball/lib/result.ts'
import { startDaemon, stopDaemon } from './daemon.ts'
import { guideDevices, type LabDevice, maxPlainHosts, plainHosts } from './devices.ts'
import { docker, startEngine } from './engine.ts'
import { dropOldImages, minbaseImage, piImage, serverBaseImage } from './images.ts'
import { writeInventory } from './inventory.ts'
import { hostKey, type KeyPair, knownHosts, operatorKey, writeOperatorFiles } from './keys.ts'
import { caught, type LabFailure } from './lab-error.ts'
import { withLabLock } from './lock.ts'
import { checkMachine } from './machine.ts'
import { buildMirror, mirrorDaemon } from './mirror.ts'
import { upNamespace } from './namespace.ts'
import { namespacePath } from './network.ts'
import { piContainer } from './pi-container.ts'
import { upPi } from './pis.ts'
import { inPool } from './pool.ts'
import { type OnProgress, patience, step } from './progress.ts'
import { registryDaemon, startRegistry } from './registry.ts'
import { run, waitFor } from './run.ts'
import { type ServerImage, upServerImages } from './server-image.ts'
import { labPaths, type LabPaths } from './settings.ts'
import { sshArgs } from './ssh.ts'

export interface LabUpOptions {
  /** Plain hosts beside the guide's four devices, 0 to 79. Those of an earlier `up` stay. */
  readonly hosts: number
  readonly onProgress: OnProgress
  /** `no` leaves the time-server images out. */
  readonly serverImages?: 'yes' | 'no'
}

export interface LabUp {
  readonly devices: readonly LabDevice[]
  readonly serverImages: readonly ServerImage[]
}

const devicePool = 4
const bootTimeoutMs = 120_000

/** Starts what is not running. Returns when every device answers ssh and its engine answers. */
export async function labUp(options: LabUpOptions): Promise<Result<LabUp, LabFailure>> {
  if (!Number.isInteger(options.hosts) || options.hosts < 0 || options.hosts > maxPlainHosts) {
    return fail({ detail: `devices: 0 to ${maxPlainHosts} plain hosts` })
  }
  return caught(() =>
    withLabLock(patience(options.onProgress), () => up(labPaths(process.env), options)),
  )
}

async function up(paths: LabPaths, options: LabUpOptions): Promise<LabUp> {
  const { onProgress } = options
  mkdirSync(paths.cache, { recursive: true })
  await step(onProgress, 'machine', checkMachine)
  await step(onProgress, 'Docker Engine', async () => {
    const state = await startEngine(paths)
    return { kept: state === 'running', detail: paths.socket }
  })
  const hosts = Math.max(options.hosts, await plainHostsThatExist(paths))
  const devices = [...guideDevices, ...plainHosts(hosts)]
  const debian = await step(onProgress, 'Debian image', () => minbaseImage(paths))
  const pi = await step(onProgress, 'Pi image', () => piImage(paths, debian.ref))
  await step(onProgress, 'apt mirror', () => buildMirror(paths, pi.ref))
  await step(onProgress, 'network', () => upServices(paths))
  const operator = await step(onProgress, 'ssh keys', () => upKeys(paths, devices))
  await step(onProgress, 'devices', () =>
    upDevices(paths, devices, { image: pi.ref, operator: operator.key }),
  )
  const server =
    options.serverImages === 'no'
      ? null
      : await step(onProgress, 'time-server images', () => upServer(paths, debian.ref))
  await dropOldImages(paths, [debian.ref, pi.ref, ...(server?.refs ?? [])])
  await step(onProgress, 'boot', () => waitForBoot(paths, devices))
  return { devices, serverImages: server?.images ?? [] }
}

/** Those of an earlier `up`: they keep running, so they must stay known. */
async function plainHostsThatExist(paths: LabPaths): Promise<number> {
  const names = await docker(paths, ['ps', '--all', '--format', '{{.Names}}'])
  const all = new Set(names.split('\n'))
  return plainHosts(maxPlainHosts).findLastIndex((device) => all.has(piContainer(device))) + 1
}

async function upServices(paths: LabPaths): Promise<{ kept: boolean; detail: string }> {
  mkdirSync(paths.servers, { recursive: true, mode: 0o700 })
  const namespace = await upNamespace()
  if (namespace === 'created') {
    // Servers of an earlier lab live on in a namespace that nobody can reach any more.
    await stopDaemon(registryDaemon(paths))
    await stopDaemon(mirrorDaemon(paths))
  }
  startDaemon(mirrorDaemon(paths))
  await startRegistry(paths)
  return { kept: namespace === 'kept', detail: `${namespacePath}, registry, apt mirror` }
}

async function upKeys(
  paths: LabPaths,
  devices: readonly LabDevice[],
): Promise<{ key: KeyPair; detail: string }> {
  const key = await operatorKey(paths)
  const hosts: { device: LabDevice; publicLine: string }[] = []
  for (const device of devices) {
    hosts.push({ device, publicLine: (await hostKey(paths, device)).publicLine })
  }
  writeOperatorFiles(paths, key, knownHosts(hosts))
  writeInventory(paths, devices)
  return { key, detail: paths.guideState }
}

async function upDevices(
  paths: LabPaths,
  devices: readonly LabDevice[],
  shared: { image: string; operator: KeyPair },
): Promise<{ kept: boolean; detail: string }> {
  const results = await inPool(devicePool, devices, (device) => upPi(paths, { device, ...shared }))
  const count = (what: string): number => results.filter((result) => result === what).length
  return {
    kept: count('kept') === devices.length,
    detail: `${count('created')} created, ${count('started')} started, ${count('kept')} kept`,
  }
}

async function upServer(
  paths: LabPaths,
  debian: string,
): Promise<{
  images: readonly ServerImage[]
  refs: readonly string[]
  kept: boolean
  detail: string
}> {
  const base = await serverBaseImage(paths, debian)
  const { images, kept } = await upServerImages(paths, base.ref)
  const size = images.map((image) => `${image.version} ${Math.round(image.sizeBytes / 1e6)} MB`)
  const refs = [base.ref, ...images.map((image) => image.ref)]
  return { images, refs, kept, detail: size.join(', ') }
}

async function waitForBoot(
  paths: LabPaths,
  devices: readonly LabDevice[],
): Promise<{ detail: string }> {
  await inPool(devicePool, devices, async (device) => {
    const ready = sshArgs(paths, device, 'docker version > /dev/null')
    await waitFor(device.name, bootTimeoutMs, async () => (await run(ready)).code === 0)
  })
  return { detail: `${devices.length} devices answer` }
}
