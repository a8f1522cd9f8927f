/** The guide's fleet for rollouts in the lab: its files, its devices, and what is on them. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { guideDevices, type LabDevice, labPrefix, registryHost } from '@timeball/lab/pis/devices.ts'
import { docker } from '@timeball/lab/pis/engine.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { bridge, cableName, namespaceName } from '@timeball/lab/pis/network.ts'
import { piContainer } from '@timeball/lab/pis/pi-container.ts'
import { must } from '@timeball/lab/pis/run.ts'
import { serverImageName, type ServerImage } from '@timeball/lab/pis/server-image.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { copyOfGuide, type Ended, freshLab, type RunOptions, timeball } from './command-line.ts'
import { applyToLab } from './apply-to-lab.ts'

const paths = labPaths(process.env)

/** A copy of the guide's fleet, in which rollouts take minutes. */
export function fleetInAHurry(): string {
  const folder = copyOfGuide()
  const path = join(folder, 'fleet.yaml')
  const guide = readFileSync(path, 'utf8')
  // Two stratum 1 servers contradict each other; the lab's one kernel clock is the third vote.
  const clock = 'discipline: false\n  references: [controller]'
  const rollout = [
    'rollout:',
    // Four packets a look: ntpd answers each client once a second on average.
    '  interval: 5s',
    '  min_healthy_time: 5s',
    '  healthy_deadline: 40s',
    '  progress_deadline: 3m',
    '  canary: { count: 1, soak: 14s }',
    '  waves: ["100%"]',
    '  confirm_timeout: 20s',
    // A source on the network is polled once in 64 s.
    '  gates: { min_reach: 1, max_offset_ms: 10 }',
  ]
  writeFileSync(path, `${guide.replace('discipline: false', clock)}${rollout.join('\n')}\n`)
  return folder
}

export interface FleetInLab {
  readonly folder: string
  readonly images: readonly ServerImage[]
  /** `timeball rollout ACTION` for its fleet. */
  readonly rollout: (
    action: string,
    args: readonly string[],
    options?: RunOptions,
  ) => Promise<Ended>
}

/** The lab with a fleet in which rollouts take minutes. */
export function labInAHurry(): FleetInLab {
  return fleetInLab(fleetInAHurry)
}

/** Before all tests of a file: a lab that begins with nothing, and its fleet applied once. */
export function fleetInLab(makeFolder: () => string): FleetInLab {
  let folder = ''
  let images: readonly ServerImage[] = []
  before(
    async () => {
      images = (await freshLab()).serverImages
      folder = makeFolder()
      await applyToLab(folder)
    },
    { timeout: 900_000 },
  )
  after(async () => {
    await labDown({ onProgress: () => {}, purge: 'no' })
    if (folder !== '') rmSync(folder, { recursive: true })
  })
  return {
    get folder() {
      return folder
    },
    get images() {
      return images
    },
    rollout(action, args, options) {
      const inventory = join(folder, 'inventory.yml')
      return timeball(['rollout', action, ...args, '--json', '-i', inventory], options)
    },
  }
}

/** Replaces a setting of the fleet; it has to be there. */
export function changeSetting(folder: string, from: string, to: string): void {
  const path = join(folder, 'fleet.yaml')
  const text = readFileSync(path, 'utf8')
  assert.ok(text.includes(from), from)
  writeFileSync(path, text.replace(from, to))
}

/** As `rollout start --image` wants it. */
export function imageCalled(version: string): string {
  return `${registryHost}/${serverImageName}:${version}`
}

/** As a device runs it. */
export function byDigest(images: readonly ServerImage[], version: string): string {
  const found = images.find((image) => image.version === version)
  assert.ok(found, version)
  return `${registryHost}/${serverImageName}@${found.digest}`
}

/** Of any device, also one whose network is cut. */
export async function onDevice({ name }: Pick<LabDevice, 'name'>, script: string): Promise<string> {
  const device = guideDevices.find((each) => each.name === name)
  assert.ok(device, name)
  const inside = ['exec', piContainer(device), 'sh', '-c', script]
  return (await docker(paths, inside)).trim()
}

/** By device: the container's id, and the image that it runs. */
export async function containers(): Promise<Map<string, { id: string; image: string }>> {
  const seen = new Map<string, { id: string; image: string }>()
  for (const device of guideDevices) {
    const format = '{{.Id}} {{.Config.Image}}'
    const text = await onDevice(device, `docker inspect -f '${format}' mcp-utc-time`)
    const [id = '', image = ''] = text.split(' ')
    seen.set(device.name, { id, image })
  }
  return seen
}

/** Devices on which a change waits for its confirmation. */
export async function pendingDevices(): Promise<string[]> {
  const pending: string[] = []
  for (const device of guideDevices) {
    if ((await onDevice(device, 'ls /var/lib/timeball')).split('\n').includes('pending')) {
      pending.push(device.name)
    }
  }
  return pending
}

/** Cuts the device's cable, or mends it. */
export async function cable(name: string, state: 'down' | 'up'): Promise<void> {
  const device = guideDevices.find((each) => each.name === name)
  assert.ok(device, name)
  await must(['ip', '-n', namespaceName, 'link', 'set', cableName(device), state])
}

/** From which of the lab's own addresses this machine asks: servers limit the rate of each client. */
export async function askFrom(address: string): Promise<void> {
  const route = `${labPrefix}0/24 dev ${bridge} proto kernel scope link src ${address}`.split(' ')
  await must(['ip', '-n', namespaceName, 'route', 'replace', ...route])
}

/** One record of `--json`. */
export interface Line {
  readonly type: string
  readonly event?: string
  readonly device?: string
  readonly result?: string | null
  /** How many devices were begun to be changed. */
  readonly touched?: number
  readonly devices?: readonly RolloutDevice[]
}

interface RolloutDevice {
  readonly device: string
  readonly phase: string
  readonly downtime_seconds: number | null
  readonly why: string
}

export function linesOf({ stdout }: Ended): Line[] {
  return stdout.split('\n').flatMap((line): Line[] => (line === '' ? [] : [JSON.parse(line)]))
}

/** The rollout as it was at the end of the command. */
export function endOf(ended: Ended): {
  readonly devices: readonly RolloutDevice[]
  readonly result: Line
  /** How the rollout ended; `null`: it did not. */
  readonly end: string | null
} {
  const lines = linesOf(ended)
  const result = lines.findLast(({ type }) => type === 'result')
  const rollout = lines.findLast(({ type }) => type === 'rollout')
  assert.ok(result, ended.stderr)
  return { devices: rollout?.devices ?? [], result, end: rollout?.result ?? null }
}
