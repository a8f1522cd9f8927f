/** Reaches a device as the operator does: over ssh, from inside the lab's namespace. */
import { join } from 'node:path'
import type { LabDevice } from './devices.ts'
import { namespaceName } from './network.ts'
import type { LabPaths } from './settings.ts'

/** The whole argv, to be run by root; `command` is for the device's shell. */
export function sshArgs(paths: LabPaths, device: LabDevice, command: string): string[] {
  return [
    ['ip', 'netns', 'exec', namespaceName, 'ssh', '-F', 'none', '-o', 'BatchMode=yes'],
    ['-o', 'ConnectTimeout=5', '-o', 'StrictHostKeyChecking=yes'],
    ['-o', `UserKnownHostsFile=${join(paths.guideState, 'known_hosts')}`],
    ['-o', 'IdentitiesOnly=yes', '-i', join(paths.guideState, 'id_ed25519')],
    ['--', `pi@${device.address}`, command],
  ].flat()
}
