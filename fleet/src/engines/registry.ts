/** The engines that `engine:` in fleet.yaml can name. */
import type { EngineName } from '../core/settings/adapter-names.ts'
import type { Engine } from '../ports/engine.ts'
import type { AnsiblePlace } from './ansible/run-playbook.ts'
import { sshOptionsOf, type SshPlace } from './ssh/ssh-options.ts'

/** What the fleet and this machine say about the way to devices. */
export interface EnginePlace extends SshPlace {
  /** As after each `-i`, and each `--vault-password-file`: for engines that read the inventory, too. */
  readonly inventories: readonly string[]
  readonly vaultPasswordFiles: readonly string[]
  /** Where the files of `ansible/playbook/` are. */
  readonly playbookFolder: string
}

type Open = (options: EnginePlace) => Promise<Engine>

/** Only the one that is used is loaded. */
const engines = {
  async ssh(options) {
    const { sshEngine } = await import('./ssh/ssh-engine.ts')
    return sshEngine(sshOptionsOf(options))
  },
  async ansible(options) {
    const { ansibleEngine } = await import('./ansible/ansible-engine.ts')
    return ansibleEngine(ansiblePlaceOf(options))
  },
} as const satisfies Readonly<Record<EngineName, Open>>

export function openEngine(name: EngineName, options: EnginePlace): Promise<Engine> {
  return engines[name](options)
}

function ansiblePlaceOf(options: EnginePlace): AnsiblePlace {
  const { inventories, vaultPasswordFiles, playbookFolder } = options
  const runtimeFolder = sshOptionsOf(options).controlDirectory
  const program = 'ansible-playbook'
  return { inventories, vaultPasswordFiles, playbookFolder, runtimeFolder, program }
}
