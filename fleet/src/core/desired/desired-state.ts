/** Fleet, release and secrets -> what one device should be. */
import type { Device } from '../fleet/fleet.ts'
import type { Settings } from '../fleet/settings.ts'
import { sha256Hex } from '../hash.ts'
import type { Secret } from '../secrets/secret.ts'
import { composeFileText } from './compose-file.ts'
import { environmentFile } from './environment-file.ts'
import { bootLines, gpsdDefaults } from './gpsd.ts'
import * as paths from './paths.ts'
import { revealContent, type DesiredState, type Resource } from './resource.ts'

/** What a rollout moves. */
export interface Release {
  /** `name@sha256:…`; in offline plans it may still be `name:tag`. */
  readonly image: string
}

export interface DesiredInput {
  readonly device: Device
  readonly settings: Settings
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
    ...packageNames(device).map((name): Resource => ({ kind: 'package', name })),
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
  ]
  return { device: device.name, resources }
}

function textFile(path: string, mode: string, text: string): Resource {
  return { kind: 'file', path, mode, content: [text], view: 'text' }
}

function packageNames(device: Device): string[] {
  const always = ['git', 'docker.io', 'docker-compose']
  return device.gps ? [...always, 'gpsd', 'gpsd-tools', 'pps-tools'] : always
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
