/** What the settings of a fleet and this machine say about connections. */
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../../core/settings/settings.ts'
import type { SshOptions } from './ssh-arguments.ts'

export interface SshPlace {
  readonly settings: Pick<Settings, 'ssh'>
  /** `.timeball/` of the fleet. */
  readonly stateFolder: string
  /** Private to the user and gone with the machine's next start; `null`: the system says none. */
  readonly runtimeFolder: string | null
  readonly hostKeys: 'strict' | 'accept-new'
}

export function sshOptionsOf({
  settings: { ssh },
  stateFolder,
  runtimeFolder,
  hostKeys,
}: SshPlace): SshOptions {
  return {
    controlDirectory: join(runtimeFolder ?? tmpdir(), `timeball-${process.getuid?.() ?? 0}`),
    knownHostsFiles: [
      ssh.known_hosts ?? join(stateFolder, 'known_hosts'),
      join(homedir(), '.ssh', 'known_hosts'),
    ],
    hostKeys,
    connectTimeoutSeconds: Math.ceil(ssh.connect_timeout / 1000),
    persistSeconds: Math.ceil(ssh.keep_alive / 1000),
    account: ssh.account,
  }
}
