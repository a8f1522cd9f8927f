/** Fleet, release and secrets -> what one device should be. */
import { accessFiles, sshService } from '../access/access-files.ts'
import type { Device } from '../device/device.ts'
import type { DesiredSettings } from './settings.ts'
import { sha256Hex } from '../hash/sha256.ts'
import type { Secret } from '../secrets/secret.ts'
import { composeFileText } from './compose-file.ts'
import { environmentFile } from './environment-file.ts'
import { bootLines, gpsdDefaults } from './gpsd.ts'
import * as paths from './paths.ts'
import {
  revealContent,
  type DesiredState,
  type PackageResource,
  type Resource,
} from './resource.ts'

/** What a rollout moves. */
export interface Release {
  /** `name@sha256:…`; in offline plans it may still be `name:tag`. */
  readonly image: string
}

export interface DesiredInput {
  readonly device: Device
  readonly settings: DesiredSettings
  readonly release: Release
  readonly secrets: readonly Secret[]
}

/** In order of dependency: GPS and UART come before the container that needs them. */
export function desiredState({ device, settings, release, secrets }: DesiredInput): DesiredState {
  const gps: Resource[] = device.gps
    ? [
        ...bootLines(device),
        textFile(paths.gpsdDefaultsPath, '0644', gpsdDefaults(device)),
        {
          kind: 'service',
          name: 'gpsd.service',
          want: 'running',
          restartFor: [paths.gpsdDefaultsPath],
        },
      ]
    : []
  const resources: Resource[] = [
    ...packages(device, settings),
    { kind: 'image', ref: release.image },
    { kind: 'service', name: 'systemd-timesyncd.service', want: 'disabled' },
    ...gps,
    textFile(paths.composePath, '0644', composeFileText(device, settings, release.image)),
    {
      kind: 'file',
      path: paths.environmentPath,
      mode: '0600',
      content: environmentFile(device, settings, secrets),
      view: 'env',
    },
    {
      kind: 'compose',
      directory: paths.projectDirectory,
      file: paths.composeFile,
      container: paths.containerName,
    },
    ...access(device, settings),
  ]
  return { device: device.name, resources }
}

/** Files that nobody but root reads, such as that of sudo, are shown like the others. */
function access(device: Device, { access: wanted, ssh }: DesiredSettings): readonly Resource[] {
  if (wanted === undefined) return []
  const files = accessFiles(wanted, { user: device.user, account: ssh?.account?.user })
  const restartFor = files.map(({ path }) => path)
  return [
    ...files.map(({ path, mode, text }) => textFile(path, mode, text)),
    { kind: 'service', name: sshService, want: 'running', restartFor },
  ]
}

function textFile(path: string, mode: string, text: string): Resource {
  return { kind: 'file', path, mode, content: [text], view: 'text' }
}

const neededPackages = ['git', 'docker.io', 'docker-compose']
const gpsPackages = ['gpsd', 'gpsd-tools', 'pps-tools']

/** Those that the device needs, and those that the operator named; at the operator's versions. */
export function packages(
  device: Pick<Device, 'gps'>,
  { packages: versions }: Pick<DesiredSettings, 'packages'>,
): PackageResource[] {
  const needed = device.gps ? [...neededPackages, ...gpsPackages] : neededPackages
  const named = Object.keys(versions).filter((name) => !gpsPackages.includes(name))
  return [...new Set([...needed, ...named])].map((name) => {
    const version = versions[name]
    return version === undefined ? { kind: 'package', name } : { kind: 'package', name, version }
  })
}

/**
 * Content address of a desired state. `salt` keeps the digest of a state with a weak secret from
 * being guessed where it is stored.
 */
export function stateDigest(state: DesiredState, salt: string): string {
  const plain = state.resources.map((resource) =>
    resource.kind === 'file' ? { ...resource, content: revealContent(resource.content) } : resource,
  )
  return sha256Hex(`${salt}\n${JSON.stringify(plain)}`)
}
