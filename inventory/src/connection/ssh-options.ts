/**
 * Options of ssh as inventories have them, by what they may do. Only what is known is let through:
 * ssh has options that pass the check of the host's key, run programs, or give another meaning to
 * the rest of the command line. Source: ssh_config(5) of OpenSSH 10.0.
 */
import type { Mistake } from './rules.ts'

export type SshOption =
  | { readonly kind: 'allowed' }
  /** ssh runs its value on this machine. */
  | { readonly kind: 'program' }
  /** It would weaken the connection, so it has no effect. */
  | { readonly kind: 'dropped' }
  /** How connections are shared and what is said is no business of an inventory. */
  | { readonly kind: 'quiet' }
  | ({ readonly kind: 'refused' } & Mistake)

const names = {
  allowed: [
    ...[
      'AddressFamily',
      'BindAddress',
      'BindInterface',
      'CASignatureAlgorithms',
      'CertificateFile',
    ],
    ...['ChallengeResponseAuthentication', 'CheckHostIP', 'Ciphers', 'Compression'],
    ...['ConnectionAttempts', 'ConnectTimeout', 'GSSAPIAuthentication', 'HostKeyAlgorithms'],
    ...['HostKeyAlias', 'IdentitiesOnly', 'IdentityAgent', 'IdentityFile', 'IPQoS'],
    ...['KbdInteractiveAuthentication', 'KexAlgorithms', 'MACs', 'NumberOfPasswordPrompts'],
    ...['PasswordAuthentication', 'PreferredAuthentications', 'ProxyJump', 'ProxyUseFdpass'],
    ...['PubkeyAcceptedAlgorithms', 'PubkeyAcceptedKeyTypes', 'PubkeyAuthentication', 'RekeyLimit'],
    ...['RequiredRSASize', 'ServerAliveCountMax', 'ServerAliveInterval', 'TCPKeepAlive'],
  ],
  program: ['ProxyCommand'],
  dropped: [
    ...['ForwardAgent', 'ForwardX11', 'ForwardX11Trusted', 'GlobalKnownHostsFile'],
    ...['StrictHostKeyChecking', 'UpdateHostKeys', 'UserKnownHostsFile', 'VerifyHostKeyDNS'],
  ],
  quiet: [
    ...['AddKeysToAgent', 'BatchMode', 'ControlMaster', 'ControlPath', 'ControlPersist'],
    ...['EscapeChar', 'HashKnownHosts', 'LogLevel', 'RequestTTY', 'SendEnv', 'VisualHostKey'],
  ],
} as const

/** Options that an inventory has variables for. */
const variables = new Map([
  ['hostname', 'ansible_host'],
  ['port', 'ansible_port'],
  ['user', 'ansible_user'],
])

const known: ReadonlyMap<string, SshOption> = new Map(
  (['allowed', 'program', 'dropped', 'quiet'] as const).flatMap((kind) =>
    names[kind].map((name): [string, SshOption] => [name.toLowerCase(), { kind }]),
  ),
)

/** What may be done with an option; case does not count. */
export function sshOption(name: string): SshOption {
  const found = known.get(name.toLowerCase())
  if (found !== undefined) return found
  const variable = variables.get(name.toLowerCase())
  const fix = variable === undefined ? 'Leave it out' : `Write it as ${variable}`
  return { kind: 'refused', what: `has the ssh option ${name}, which is not allowed`, fix }
}

/** `Name=value`, `Name value`; `null` when it is neither. */
export function splitOption(text: string): { name: string; value: string } | null {
  const [, name, rest] = /^\s*([A-Za-z0-9]+)([\s=][^]*)$/.exec(text) ?? []
  if (name === undefined || rest === undefined) return null
  return { name, value: rest.trim().replace(/^=/, '').trim() }
}
