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

/** One note for each setting; `config` is `null` when there is no such file. */
export function ansibleSettingNotes(
  config: SourceFile | null,
  environment: Environment,
): readonly Problem[] {
  const inFile = config === null ? [] : fileNotes(config)
  const inEnvironment = settings.flatMap(([, , name, instead]): Problem[] =>
    name === null || (environment[name] ?? '') === '' || isDefault(name, environment[name] ?? '')
      ? []
      : [note({ file: '(environment)', line: null, what: name, instead })],
  )
  return [...inFile, ...inEnvironment]
}

function fileNotes({ path, text }: SourceFile): readonly Problem[] {
  let section = ''
  return text.split(/\r?\n/).flatMap((line, index): Problem[] => {
    section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim() ?? section
    const [, key, value] = /^\s*([a-z_]+)\s*[=:]\s*(\S.*)$/i.exec(line) ?? []
    const found = settings.find(([where, name]) => where === section && name === key?.toLowerCase())
    if (found === undefined || value === undefined || isDefault(found[1], value)) return []
    return [note({ file: path, line: index + 1, what: found[1], instead: found[3] })]
  })
}

/** The one default that people write down, and that changes nothing. */
function isDefault(name: string, value: string): boolean {
  return name.toLowerCase().endsWith('hash_behaviour') && value.trim() === 'replace'
}

interface Found {
  readonly file: string
  readonly line: number | null
  readonly what: string
  readonly instead: string
}

function note({ file, line, what, instead }: Found): Problem {
  const column = line === null ? null : 1
  return { file, line, column, what: `${what} is not read: ${instead}`, fix: null }
}
