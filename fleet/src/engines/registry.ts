/** The engines that `engine:` in fleet.yaml can name. */
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineName } from '../core/settings/adapter-names.ts'
import type { Settings } from '../core/settings/settings.ts'
import type { Engine } from '../ports/engine.ts'

export interface EngineOptions {
  readonly settings: Pick<Settings, 'ssh'>
  /** `.timeball/` of the fleet. */
  readonly stateFolder: string
  /** Private to the user and gone with the machine's next start; `null`: the system says none. */
  readonly runtimeFolder: string | null
  readonly hostKeys: 'strict' | 'accept-new'
}

type Open = (options: EngineOptions) => Promise<Engine>

/** Only the one that is used is loaded. */
const engines = {
  async ssh({ settings: { ssh }, stateFolder, runtimeFolder, hostKeys }) {
    const { sshEngine } = await import('./ssh/ssh-engine.ts')
    return sshEngine({
      controlDirectory: join(runtimeFolder ?? tmpdir(), `timeball-${process.getuid?.() ?? 0}`),
      knownHostsFiles: [
        ssh.known_hosts ?? join(stateFolder, 'known_hosts'),
        join(homedir(), '.ssh', 'known_hosts'),
      ],
      hostKeys,
      connectTimeoutSeconds: Math.ceil(ssh.connect_timeout / 1000),
      persistSeconds: Math.ceil(ssh.keep_alive / 1000),
    })
  },
} as const satisfies Readonly<Record<EngineName, Open>>

export function openEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  return engines[name](options)
}
