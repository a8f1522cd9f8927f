/**
 * Ansible's own variables: each is read, makes no difference here, is told to be unused, or is
 * refused. Sources: the plugins ssh, sudo and sh of ansible-core 2.14 to 2.19, and its manual's
 * "Special variables".
 */
import { connectionRules } from '@timeball/inventory/connection/rules.ts'
import { textOf, type Value } from '@timeball/inventory/value.ts'
import { nearestWithin } from '@timeball/lib/nearest.ts'
import type { EngineName } from '../settings/adapter-names.ts'

export type Verdict =
  /** Read, or without effect on what is done here. */
  | { readonly kind: 'harmless' }
  | { readonly kind: 'unused'; readonly what: string }
  | { readonly kind: 'refused'; readonly what: string; readonly fix: string }

const harmless: Verdict = { kind: 'harmless' }

/** Values with which the meaning is the same here; the first is named in the fix. */
const values: ReadonlyMap<string, readonly string[]> = new Map([
  ['ansible_connection', ['ssh', 'smart', 'ansible.builtin.ssh', 'paramiko', 'paramiko_ssh']],
  ['ansible_become_method', ['sudo', 'ansible.builtin.sudo']],
  ['ansible_become_user', ['root']],
  ['ansible_become_exe', ['sudo', '/usr/bin/sudo']],
  ['ansible_sudo_user', ['root']],
  ['ansible_sudo_exe', ['sudo', '/usr/bin/sudo']],
  ['ansible_shell_type', ['sh', 'bash', 'ansible.builtin.sh']],
  ['ansible_ssh_executable', ['ssh', '/usr/bin/ssh']],
])

const keysOnly = 'is not used: devices are logged in to with keys'
const sudoOnly = 'is not used: sudo has to work without a password'

const unused: ReadonlyMap<string, string> = new Map([
  ...['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'].map(
    (name) => [name, keysOnly] as const,
  ),
  ...[
    'ansible_become_password',
    'ansible_become_pass',
    'ansible_sudo_pass',
    'ansible_sudo_password',
  ].map((name) => [name, sudoOnly] as const),
  ...['ansible_private_key_passphrase', 'ansible_ssh_private_key_passphrase'].map(
    (name) => [name, 'is not used: put the key into an agent'] as const,
  ),
  ...['ansible_private_key', 'ansible_ssh_private_key'].map(
    (name) => [name, 'is not used: name a file with ansible_ssh_private_key_file'] as const,
  ),
  ...[
    'ansible_host_key_checking',
    'ansible_ssh_host_key_checking',
    'ansible_host_key_auto_add',
  ].map((name) => [name, 'is not used: the keys of hosts are always checked'] as const),
])

/** Of no consequence here: how modules are run, and how files are copied for them. */
const plain = [
  ...['ansible_become', 'ansible_become_flags', 'ansible_sudo', 'ansible_sudo_flags'],
  ...[
    'ansible_async_dir',
    'ansible_check_mode',
    'ansible_check_mode_markers',
    'ansible_collection_name',
  ],
  ...['ansible_common_remote_group', 'ansible_config_file', 'ansible_connection_user'],
  ...['ansible_control_path', 'ansible_control_path_dir', 'ansible_dependent_role_names'],
  ...['ansible_diff_mode', 'ansible_facts', 'ansible_facts_modules', 'ansible_forks'],
  ...['ansible_group_priority', 'ansible_index_var', 'ansible_interpreter_python_fallback'],
  ...[
    'ansible_inventory_sources',
    'ansible_limit',
    'ansible_local',
    'ansible_loop',
    'ansible_loop_var',
  ],
  ...[
    'ansible_managed',
    'ansible_module_compression',
    'ansible_network_os',
    'ansible_parent_role_names',
  ],
  ...['ansible_pipelining', 'ansible_play_batch', 'ansible_play_hosts', 'ansible_play_hosts_all'],
  ...[
    'ansible_play_name',
    'ansible_play_role_names',
    'ansible_playbook_python',
    'ansible_port_timeout',
  ],
  ...['ansible_remote_tmp', 'ansible_role_name', 'ansible_role_names', 'ansible_run_tags'],
  ...[
    'ansible_scp_executable',
    'ansible_scp_extra_args',
    'ansible_scp_if_ssh',
    'ansible_search_path',
  ],
  ...['ansible_sftp_batch_mode', 'ansible_sftp_executable', 'ansible_sftp_extra_args'],
  ...['ansible_shell_allow_world_readable_temp', 'ansible_shell_executable'],
  ...['ansible_skip_tags', 'ansible_ssh_control_path', 'ansible_ssh_control_path_dir'],
  ...['ansible_ssh_pipelining', 'ansible_ssh_retries', 'ansible_ssh_timeout'],
  ...['ansible_ssh_transfer_method', 'ansible_ssh_use_tty', 'ansible_ssh_verbosity'],
  ...['ansible_sshpass_prompt', 'ansible_system_tmpdirs', 'ansible_system_warnings'],
  ...['ansible_timeout', 'ansible_verbosity', 'ansible_version', 'ansible_winrm_read_timeout_sec'],
]

/** Of other connections, and the interpreters of modules. */
const families =
  /^ansible_(?:\w+_interpreter|(?:aws|docker|enable|httpapi|incus|kubectl|libssh|lxc|lxd|netconf|network|oc|paramiko|persistent|podman|psrp|runas|shell|su|terminal|winrm|wsl)_\w+)$/

const known: ReadonlySet<string> = new Set([
  ...connectionRules.keys(),
  ...values.keys(),
  ...unused.keys(),
  ...plain,
])

export type Judge = (name: string, value: Value | null) => Verdict

/**
 * A judge of variables, which remembers names; the value is `null` when it is not known. What
 * Ansible does with a variable counts where devices are reached `by` it.
 */
export function ansibleJudge(by: EngineName): Judge {
  const byName = new Map<string, Verdict | null>()
  const judge = (name: string): Verdict | null =>
    by === 'ansible' && known.has(name) ? harmless : judgeName(name)
  return (name, value) => {
    const before = byName.get(name)
    const verdict = before === undefined ? judge(name) : before
    byName.set(name, verdict)
    return verdict ?? judgeValue(name, value)
  }
}

/** `null`: the value decides. */
function judgeName(name: string): Verdict | null {
  if (values.has(name)) return null
  const what = unused.get(name)
  if (what !== undefined) return { kind: 'unused', what }
  if (known.has(name) || families.test(name)) return harmless
  const near = nearestWithin(name, known, 2)
  if (near !== null && nearestWithin(name, [near], 1) !== null) {
    return { kind: 'refused', what: 'is no variable of Ansible', fix: `Did you mean ${near}?` }
  }
  const hint = near === null ? '' : `; did you mean ${near}?`
  return { kind: 'unused', what: `is no variable of Ansible that is known here${hint}` }
}

function judgeValue(name: string, value: Value | null): Verdict {
  const allowed = values.get(name) ?? []
  const text = value === null ? null : textOf(value)
  if (value === null || (text !== null && allowed.includes(text))) return harmless
  const [usual = ''] = allowed
  const fix = `Write ${usual}, or leave the host out with devices: in fleet.yaml`
  return { kind: 'refused', what: `is not ${usual}, which is how devices are worked on`, fix }
}

/** The variables whose value decides. */
export const judgedByValue: readonly string[] = [...values.keys()]
