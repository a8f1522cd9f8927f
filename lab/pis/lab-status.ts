/** What of the lab runs. */
import { existsSync } from 'node:fs'
import type { Result } from '@timeball/lib/result.ts'
import { type Daemon, daemonPid } from './daemon.ts'
import { guideDevices, type LabDevice, maxPlainHosts, plainHosts } from './devices.ts'
import { dockerSays, engineDaemon, isEngineUp } from './engine.ts'
import { caught, type LabFailure } from './lab-error.ts'
import { mirrorDaemon } from './mirror.ts'
import { namespacePath } from './network.ts'
import { netContainer, piContainer } from './pi-container.ts'
import { registryDaemon } from './registry.ts'
import { labPaths, type LabPaths } from './settings.ts'

export interface LabDeviceStatus {
  readonly name: string
  readonly address: string
  readonly state: 'running' | 'stopped' | 'absent'
}

export interface LabStatus {
  readonly engine: 'running' | 'stopped'
  readonly network: 'up' | 'down'
  readonly registry: 'running' | 'stopped'
  readonly mirror: 'running' | 'stopped'
  /** The guide's four, and the plain hosts that exist. */
  readonly devices: readonly LabDeviceStatus[]
}

/** What runs now. Changes nothing. */
export function labStatus(): Promise<Result<LabStatus, LabFailure>> {
  return caught(async () => {
    const paths = labPaths(process.env)
    const isUp = existsSync(paths.run) && (await isEngineUp(paths))
    const devices = isUp
      ? await deviceStates(paths)
      : guideDevices.map((device) => statusOf(device, null))
    return {
      engine: stateOf(engineDaemon(paths)),
      network: existsSync(namespacePath) ? 'up' : 'down',
      registry: stateOf(registryDaemon(paths)),
      mirror: stateOf(mirrorDaemon(paths)),
      devices,
    }
  })
}

function stateOf(daemon: Daemon): 'running' | 'stopped' {
  return daemonPid(daemon) === null ? 'stopped' : 'running'
}

async function deviceStates(paths: LabPaths): Promise<LabDeviceStatus[]> {
  const format = '{{.Names}} {{.State}}'
  const text = (await dockerSays(paths, ['ps', '--all', '--format', format])) ?? ''
  const states = new Map(
    text.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
  )
  const extra = plainHosts(maxPlainHosts).filter((device) => states.has(piContainer(device)))
  return [...guideDevices, ...extra].map((device) => {
    const holder = states.get(netContainer(device))
    const pi = states.get(piContainer(device))
    return statusOf(device, pi === undefined ? null : pi === 'running' && holder === 'running')
  })
}

function statusOf(device: LabDevice, isRunning: boolean | null): LabDeviceStatus {
  const state = isRunning === null ? 'absent' : isRunning ? 'running' : 'stopped'
  return { name: device.name, address: device.address, state }
}
