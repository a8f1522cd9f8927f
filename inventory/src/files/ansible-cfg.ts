/** What an ansible.cfg, or Ansible's environment, says that would change an inventory; it is not read. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { SourceFile } from '../yaml/source.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Settings of ansible-core's config/base.yml that choose hosts, variables or connections. */
const settings = [
  ['defaults', 'inventory', 'ANSIBLE_INVENTORY', 'name it with -i'],
  ['defaults', 'remote_user', 'ANSIBLE_REMOTE_USER', 'set ansible_user'],
  ['defaults', 'remote_port', 'ANSIBLE_REMOTE_PORT', 'set ansible_port'],
  [
    'defaults',
    'private_key_file',
    'ANSIBLE_PRIVATE_KEY_FILE',
    'set ansible_ssh_private_key_file, or ssh.private_key_file in fleet.yaml',
  ],
  ['defaults', 'vault_password_file', null, 'name it with --vault-password-file'],
  ['defaults', 'vault_identity_list', null, 'set ANSIBLE_VAULT_IDENTITY_LIST'],
  [
    'defaults',
    'hash_behaviour',
    'ANSIBLE_HASH_BEHAVIOUR',
    'variables of a host replace those of its groups',
  ],
  ['ssh_connection', 'ssh_args', 'ANSIBLE_SSH_ARGS', 'set ansible_ssh_args'],
  ['ssh_connection', 'ssh_common_args', 'ANSIBLE_SSH_COMMON_ARGS', 'set ansible_ssh_common_args'],
  ['ssh_connection', 'ssh_extra_args', 'ANSIBLE_SSH_EXTRA_ARGS', 'set ansible_ssh_extra_args'],
] as const

/** A note for each setting. */
export interface AnsibleNotes {
  /** About the inventory that they name. */
  readonly inventory: readonly Problem[]
  /** About connections, which Ansible itself makes by them. */
  readonly connection: readonly Problem[]
  readonly others: readonly Problem[]
}

/** `config` is `null` when there is no such file. */
export function ansibleSettingNotes(
  config: SourceFile | null,
  environment: Environment,
): AnsibleNotes {
  const found = [...(config === null ? [] : inFile(config)), ...inEnvironment(environment)]
  const [inventory = [], connection = [], others = []] = kinds.map((wanted) =>
    found.filter(({ setting }) => kindOf(setting) === wanted).map(noteOf),
  )
  return { inventory, connection, others }
}

const kinds = ['inventory', 'connection', 'other'] as const

function kindOf(setting: string): (typeof kinds)[number] {
  if (setting === 'inventory') return 'inventory'
  const isOther = setting.startsWith('vault_') || setting === 'hash_behaviour'
  return isOther ? 'other' : 'connection'
}

function inEnvironment(environment: Environment): readonly Found[] {
  return settings.flatMap(([, setting, what, instead]): Found[] => {
    const value = what === null ? '' : (environment[what] ?? '')
    if (what === null || value === '' || isDefault(setting, value)) return []
    return [{ setting, file: '(environment)', line: null, what, instead }]
  })
}

function inFile({ path, text }: SourceFile): readonly Found[] {
  let section = ''
  return text.split(/\r?\n/).flatMap((line, index): Found[] => {
    section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim() ?? section
    const [, key, value] = /^\s*([a-z_]+)\s*[=:]\s*(\S.*)$/i.exec(line) ?? []
    const found = settings.find(([where, name]) => where === section && name === key?.toLowerCase())
    if (found === undefined || value === undefined || isDefault(found[1], value)) return []
    const [, setting, , instead] = found
    return [{ setting, file: path, line: index + 1, what: setting, instead }]
  })
}

/** The one default that people write down, and that changes nothing. */
function isDefault(name: string, value: string): boolean {
  return name === 'hash_behaviour' && value.trim() === 'replace'
}

interface Found {
  readonly setting: string
  readonly file: string
  readonly line: number | null
  readonly what: string
  readonly instead: string
}

function noteOf({ file, line, what, instead }: Found): Problem {
  const column = line === null ? null : 1
  return { file, line, column, what: `${what} is not read: ${instead}`, fix: null }
}
