/** SSH keys of the lab: one for the operator, one for each device. Stable as long as the cache is. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { LabDevice } from './devices.ts'
import { must } from './run.ts'
import type { LabPaths } from './settings.ts'

/** A private key file, and its public half as one line. */
export interface KeyPair {
  readonly file: string
  readonly publicLine: string
}

/** Makes the pair in a folder of its own, which appears only when it is complete. */
async function keyPair(folder: string, comment: string): Promise<KeyPair> {
  const file = join(folder, 'id_ed25519')
  if (!existsSync(folder)) {
    const staging = `${folder}.part`
    rmSync(staging, { recursive: true, force: true })
    mkdirSync(staging, { recursive: true, mode: 0o700 })
    await must([
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      comment,
      '-f',
      join(staging, 'id_ed25519'),
    ])
    renameSync(staging, folder)
  }
  return { file, publicLine: readFileSync(`${file}.pub`, 'utf8').trim() }
}

export function operatorKey(paths: LabPaths): Promise<KeyPair> {
  return keyPair(join(paths.cache, 'keys', 'operator'), 'timeball-lab')
}

export function hostKey(paths: LabPaths, device: LabDevice): Promise<KeyPair> {
  return keyPair(join(paths.cache, 'keys', device.name), device.name)
}

/** Lines of known_hosts: every device under its address and its name. */
export function knownHosts(devices: readonly { device: LabDevice; publicLine: string }[]): string {
  return devices
    .map(({ device, publicLine }) => {
      const [type = '', key = ''] = publicLine.split(' ')
      return `${device.address},${device.name} ${type} ${key}\n`
    })
    .join('')
}

/** Puts key and known_hosts where the guide's fleet.yaml names them. */
export function writeOperatorFiles(paths: LabPaths, key: KeyPair, hosts: string): void {
  mkdirSync(paths.guideState, { recursive: true, mode: 0o700 })
  const target = join(paths.guideState, 'id_ed25519')
  copyFileSync(key.file, `${target}.part`)
  chmodSync(`${target}.part`, 0o600)
  renameSync(`${target}.part`, target)
  writeFileSync(join(paths.guideState, 'known_hosts.part'), hosts)
  renameSync(join(paths.guideState, 'known_hosts.part'), join(paths.guideState, 'known_hosts'))
}
