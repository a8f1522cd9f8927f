/** The engines that `engine:` in fleet.yaml can name. */
import type { EngineName } from '../core/settings/adapter-names.ts'
import type { Engine } from '../ports/engine.ts'
import { sshOptionsOf, type SshPlace } from './ssh/ssh-options.ts'

type Open = (options: SshPlace) => Promise<Engine>

/** Only the one that is used is loaded. */
const engines = {
  async ssh(options) {
    const { sshEngine } = await import('./ssh/ssh-engine.ts')
    return sshEngine(sshOptionsOf(options))
  },
} as const satisfies Readonly<Record<EngineName, Open>>

export function openEngine(name: EngineName, options: SshPlace): Promise<Engine> {
  return engines[name](options)
}
