/** The engines that `engine:` in fleet.yaml can name. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineName } from '../core/settings/adapter-names.ts'
import type { Settings } from '../core/settings/settings.ts'
import type { Engine } from '../ports/engine.ts'
import type { AnsiblePlace } from './ansible/run-playbook.ts'
import type { SecretStore } from '../ports/secret-store.ts'
import { sshOptionsOf, type SshPlace } from './ssh/ssh-options.ts'

/** What the fleet and this machine say about the way to devices. */
export interface EnginePlace extends SshPlace {
  readonly settings: Pick<Settings, 'ssh' | 'salt'>
  /** As after each `-i`, and each `--vault-password-file`: for engines that read the inventory, too. */
  readonly inventories: readonly string[]
  readonly vaultPasswordFiles: readonly string[]
  /** Where this folder is: engines have files that others run. */
  readonly enginesFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly secrets: Pick<SecretStore, 'get'>
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
  async salt(options) {
    const { saltEngine } = await import('./salt/salt-engine.ts')
    const {
      api = '',
      ca_file: caFile = null,
      answer_timeout: answerMs,
      ...who
    } = options.settings.salt
    const program = await readFile(join(options.enginesFolder, 'salt/minion/carry.py'), 'utf8')
    const { saltPassword } = await import('./salt/password.ts')
    const password = () => saltPassword(options)
    return saltEngine({ ...who, api, caFile, answerMs, program, password })
  },
} as const satisfies Readonly<Record<EngineName, Open>>

export function openEngine(name: EngineName, options: EnginePlace): Promise<Engine> {
  return engines[name](options)
}

function ansiblePlaceOf(options: EnginePlace): AnsiblePlace {
  const { inventories, vaultPasswordFiles, enginesFolder } = options
  const playbookFolder = join(enginesFolder, 'ansible/playbook')
  const runtimeFolder = sshOptionsOf(options).controlDirectory
  const program = 'ansible-playbook'
  return { inventories, vaultPasswordFiles, playbookFolder, runtimeFolder, program }
}
