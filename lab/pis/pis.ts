/** Brings one virtual Pi to "runs at its address", from whatever state it was left in. */
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { LabDevice } from './devices.ts'
import { docker, dockerSays } from './engine.ts'
import { hostKey, type KeyPair } from './keys.ts'
import { addressCommands, cableCommands, cableName, namespaceName } from './network.ts'
import {
  cgroupVersion,
  dockerVolume,
  netContainer,
  netContainerArgs,
  piContainer,
  piContainerArgs,
} from './pi-container.ts'
import { must, run } from './run.ts'
import { writeSeed } from './seed.ts'
import type { LabPaths } from './settings.ts'

export interface PiRequest {
  readonly device: LabDevice
  readonly image: string
  readonly operator: KeyPair
}

/** What Docker knows of a container; `pid` is 0 while it does not run. */
interface Found {
  readonly pid: number
  readonly image: string
  readonly isVirgin: boolean
}

/**
 * INVARIANTS
 * - a network holder without its address on eth0 is replaced together with its device
 * - a device is seeded before its first start, so one that was never started is replaced
 * - a device that was cut from power (`docker kill`) is started again as it is
 */
export async function upPi(
  paths: LabPaths,
  request: PiRequest,
): Promise<'created' | 'started' | 'kept'> {
  const { device, image } = request
  const holder = await find(paths, netContainer(device))
  const pi = await find(paths, piContainer(device))
  const isWired = holder !== null && holder.image === image && (await hasCable(device, holder.pid))
  if (isWired && pi !== null && pi.image === image && !pi.isVirgin) {
    if (pi.pid !== 0 && sameNetwork(pi.pid, holder.pid)) return 'kept'
    await docker(paths, [pi.pid === 0 ? 'start' : 'restart', piContainer(device)])
    return 'started'
  }
  await removePi(paths, device)
  await createPi(paths, request)
  return 'created'
}

/** Removes containers, volume and cable; fine when there are none. */
export async function removePi(paths: LabPaths, device: LabDevice): Promise<void> {
  const names = [piContainer(device), netContainer(device)]
  await docker(paths, ['rm', '--force', '--volumes', ...names]).catch(ignoreMissing)
  await docker(paths, ['volume', 'rm', '--force', dockerVolume(device)])
  // The kernel takes the cable away with the other end, but not at once.
  await run(['ip', '-n', namespaceName, 'link', 'delete', cableName(device)])
}

function ignoreMissing(error: unknown): void {
  if (!String(error).includes('No such container')) throw error
}

async function createPi(paths: LabPaths, { device, image, operator }: PiRequest): Promise<void> {
  await docker(paths, netContainerArgs(device, image))
  const holder = await find(paths, netContainer(device))
  await plugIn(device, holder?.pid ?? 0)
  await docker(paths, piContainerArgs(device, image, cgroupVersion()))
  const seed = join(paths.cache, 'seed', device.name)
  writeSeed(seed, device, { host: await hostKey(paths, device), operator })
  await docker(paths, ['cp', '--archive', `${seed}/.`, `${piContainer(device)}:/`])
  await docker(paths, ['start', piContainer(device)])
}

async function plugIn(device: LabDevice, pid: number): Promise<void> {
  const network = `--net=/proc/${pid}/ns/net`
  await must(['ip', '-n', namespaceName, '-batch', '-'], { input: cableCommands(device, pid) })
  // gpsd's socket unit listens on ::1 as well, which Docker has switched off.
  await must(['nsenter', network, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/lo/disable_ipv6'])
  await must(['nsenter', network, 'ip', '-batch', '-'], { input: addressCommands(device) })
}

async function hasCable(device: LabDevice, pid: number): Promise<boolean> {
  if (pid === 0) return false
  const far = await run([
    'nsenter',
    `--net=/proc/${pid}/ns/net`,
    'ip',
    '-o',
    '-4',
    'addr',
    'show',
    'up',
  ])
  if (!far.stdout.includes(` ${device.address}/24 `)) return false
  const near = await run(['ip', '-n', namespaceName, '-o', 'link', 'show', cableName(device)])
  return near.code === 0 && near.stdout.includes('master')
}

function sameNetwork(one: number, other: number): boolean {
  return readlinkSync(`/proc/${one}/ns/net`) === readlinkSync(`/proc/${other}/ns/net`)
}

async function find(paths: LabPaths, name: string): Promise<Found | null> {
  const format = '{{.State.Pid}} {{.Config.Image}} {{.State.StartedAt}}'
  const text = await dockerSays(paths, ['container', 'inspect', '--format', format, name])
  if (text === null) return null
  const [pid = '0', image = '', startedAt = ''] = text.split(' ')
  return { pid: Number(pid), image, isVirgin: startedAt.startsWith('0001-') }
}
