/** The real OpenSSH client, for tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What has to be known of a fleet to reach its devices. */
export interface Reachable {
  readonly privateKeyFile: string
  readonly knownHostsFile: string
  device(name: string): { readonly address: string; readonly sshPort: number }
}

export interface SshResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface SshOptions {
  readonly input?: Buffer
  readonly user?: string
  readonly key?: string
  /** More options, each as `Name=value`. */
  readonly options?: readonly string[]
}

export function sshArguments(fleet: Reachable, name: string, more: SshOptions = {}): string[] {
  const device = fleet.device(name)
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'ConnectTimeout=5',
    'GlobalKnownHostsFile=/dev/null',
    `UserKnownHostsFile=${fleet.knownHostsFile}`,
    ...(more.options ?? []),
  ]
  return [
    '-F',
    'none',
    '-i',
    more.key ?? fleet.privateKeyFile,
    '-p',
    String(device.sshPort),
    ...options.flatMap((option) => ['-o', option]),
    `${more.user ?? 'pi'}@${device.address}`,
  ]
}

/** Runs a command on a device; ssh's own failure is exit code 255. */
export async function ssh(
  fleet: Reachable,
  name: string,
  command: string,
  more: SshOptions = {},
): Promise<SshResult> {
  const child = spawn('ssh', [...sshArguments(fleet, name, more), command], { stdio: 'pipe' })
  child.stdin.on('error', () => {})
  child.stdin.end(more.input ?? '')
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: typeof code === 'number' ? code : 255, stdout, stderr }
}
