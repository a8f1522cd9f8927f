/**
 * The command line of ssh(1) for one delivery, as a pure function.
 *
 * ssh takes the first value that it is given for an option, so the order is the policy: what makes
 * automation safe comes before the inventory's own arguments and cannot be weakened by them; what
 * is only a matter of patience comes after them and yields.
 * Sources: ssh(1), ssh_config(5) of OpenSSH 9.2 and 10.0.
 */
import { isAddress, isPort } from '@timeball/lib/address.ts'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Target } from '../../ports/engine.ts'

export interface SshOptions {
  /** A 0700 folder for the sockets of shared connections. */
  readonly controlDirectory: string
  /** The first one gets new keys under `accept-new`; the others are only read. */
  readonly knownHostsFiles: readonly string[]
  /** `accept-new` pins the key of a host that was never seen; a changed key is always refused. */
  readonly hostKeys: 'strict' | 'accept-new'
  readonly connectTimeoutSeconds: number
  /** How long an unused connection stays open for the next operation. */
  readonly persistSeconds: number
  /** With whom deliveries log in, whoever the inventory names. */
  readonly account?: { readonly user: string; readonly private_key_file: string } | undefined
}

export type Connection = 'reuse' | 'fresh'

/**
 * Arguments up to and including the address; the remote command follows. Fails with a sentence when
 * a field of the target could be taken for something else than it is, or a path does not fit.
 */
export function sshArguments(
  target: Target,
  options: SshOptions,
  connection: Connection,
): Result<string[], string> {
  const refusal = refuseTarget(target)
  if (refusal !== null) return fail(refusal)
  const sharing = controlArguments(target, options, connection)
  if (!sharing.ok) return sharing
  return ok([
    '-T',
    ...safeArguments(target, options),
    ...setting('GlobalKnownHostsFile', systemKnownHosts),
    ...sharing.value,
    ...target.commonArgs,
    ...patienceArguments(options),
    '--',
    target.address,
  ])
}

/**
 * Arguments of a session for a person, up to and including the address: with a terminal where there
 * is one, questions, and ssh's own escapes. It shares the connection of the deliveries.
 */
export function sessionArguments(target: Target, options: SshOptions): Result<string[], string> {
  const args = sshArguments(target, options, 'reuse')
  if (!args.ok) return args
  const [, ...rest] = args.value
  const personal = [
    ...setting('BatchMode', 'no'),
    ...setting('RequestTTY', 'auto'),
    ...setting('EscapeChar', '~'),
  ]
  return ok([...personal, ...rest])
}

/**
 * Arguments with which ssh pins the key of a host into `knownHostsFile`, and then cannot log in:
 * the only method that it offers is the empty one with which every login begins (RFC 4252 §5.2).
 */
export function keyScanArguments(
  target: Target,
  options: SshOptions,
  knownHostsFile: string,
): Result<string[], string> {
  const refusal = refuseTarget(target)
  if (refusal !== null) return fail(refusal)
  const pinning = { hostKeys: 'accept-new', knownHostsFiles: [knownHostsFile] } as const
  return ok([
    '-T',
    ...safeArguments({ ...target, privateKeyFile: null }, pinning),
    ...setting('GlobalKnownHostsFile', 'none'),
    ...setting('PreferredAuthentications', 'none'),
    ...setting('ControlMaster', 'no'),
    ...setting('ControlPath', 'none'),
    ...target.commonArgs,
    ...patienceArguments(options),
    '--',
    target.address,
  ])
}

/** Options which the inventory cannot weaken. */
function safeArguments(
  target: Target,
  options: Pick<SshOptions, 'hostKeys' | 'knownHostsFiles'>,
): string[] {
  const known = options.knownHostsFiles.map(configPath).join(' ')
  return [
    '-p',
    String(target.port),
    '-l',
    target.user,
    // Older ones than OpenSSH 8.7 do not know all of them, and have not what they turn off.
    ...setting('IgnoreUnknown', newerOptions.map(([name]) => name).join(',')),
    ...newerOptions.flatMap(([name, value]) => setting(name, value)),
    ...setting('NoHostAuthenticationForLocalhost', 'no'),
    ...setting('BatchMode', 'yes'),
    ...setting('StrictHostKeyChecking', options.hostKeys === 'strict' ? 'yes' : 'accept-new'),
    ...setting('UserKnownHostsFile', known),
    ...setting('HashKnownHosts', 'no'),
    ...setting('UpdateHostKeys', 'no'),
    ...setting('VerifyHostKeyDNS', 'no'),
    ...setting('ClearAllForwardings', 'yes'),
    ...setting('ForwardAgent', 'no'),
    ...setting('ForwardX11', 'no'),
    ...setting('PermitLocalCommand', 'no'),
    ...setting('RemoteCommand', 'none'),
    ...setting('RequestTTY', 'no'),
    ...setting('EscapeChar', 'none'),
    ...setting('LogLevel', 'ERROR'),
    ...identityArguments(target),
  ]
}

/** A program that vouches for host keys, and ways to have no session or no standard input. */
const newerOptions = [
  ['KnownHostsCommand', 'none'],
  ['SessionType', 'default'],
  ['StdinNull', 'no'],
  ['ForkAfterAuthentication', 'no'],
] as const

/** ssh's own default, so that a file of `-F` cannot name another one. */
const systemKnownHosts = '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'

function identityArguments(target: Target): string[] {
  if (target.privateKeyFile === null) return []
  return [
    '-i',
    target.privateKeyFile.replaceAll('%', '%%'),
    // Else a full agent uses up the server's MaxAuthTries before this key is offered.
    ...setting('IdentitiesOnly', 'yes'),
  ]
}

function patienceArguments(options: SshOptions): string[] {
  return [
    ...setting('ConnectTimeout', String(options.connectTimeoutSeconds)),
    ...setting('ConnectionAttempts', '1'),
    ...setting('ServerAliveInterval', '10'),
    ...setting('ServerAliveCountMax', '3'),
  ]
}

function controlArguments(
  target: Target,
  options: SshOptions,
  connection: Connection,
): Result<string[], string> {
  if (connection === 'fresh') {
    return ok([...setting('ControlMaster', 'no'), ...setting('ControlPath', 'none')])
  }
  const path = controlPath(target, options)
  if (Buffer.byteLength(path) > maxControlPathBytes) {
    return fail(`the folder for ssh's control sockets has too long a name: ${path}`)
  }
  return ok([
    ...setting('ControlMaster', 'auto'),
    ...setting('ControlPath', configPath(path)),
    ...setting('ControlPersist', String(options.persistSeconds)),
  ])
}

/** A socket's path is below 104 bytes (macOS), and ssh binds it with 17 more before renaming it. */
const maxControlPathBytes = 103 - 17

/**
 * Where the shared connection of a target is. Not ssh's own `%C`: up to OpenSSH 9.2 that is made of
 * host, port and user only, so two devices with the same private address behind different jump
 * hosts would share a connection, and one would get what is meant for the other.
 */
export function controlPath(target: Target, options: SshOptions): string {
  const identity = [...safeArguments(target, options), ...target.commonArgs, target.address]
  const digest = createHash('sha256').update(JSON.stringify([target.device, identity]))
  return join(options.controlDirectory, digest.digest('hex').slice(0, 24))
}

/** Why a target must not reach a command line; `null` when it may. */
function refuseTarget(target: Target): string | null {
  if (!isAddress(target.address)) {
    return `not an address: ${JSON.stringify(target.address)}`
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}\$?$/u.test(target.user)) {
    return `not a user name: ${JSON.stringify(target.user)}`
  }
  if (!isPort(target.port)) {
    return `not a port: ${target.port}`
  }
  const unknown = firstUnknownArgument(target.commonArgs)
  return unknown === null ? null : `ssh argument not allowed here: ${JSON.stringify(unknown)}`
}

const withValue = /^-[oFJiIbBcm]$/u
const withValueAttached = /^-[oFJiIbBcm]./u
const flags = /^-[46Ckq]+$/u

/**
 * A word that is no option would be taken for the host, and the host for the command; options such
 * as -A, -L or -N would undo what `safeArguments` sets.
 */
function firstUnknownArgument(words: readonly string[]): string | null {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word.includes('\0')) return word
    if (withValue.test(word)) {
      index++
      if (words[index] === undefined || words[index]?.includes('\0')) return word
    } else if (!withValueAttached.test(word) && !flags.test(word)) {
      return word
    }
  }
  return null
}

function setting(name: string, value: string): string[] {
  return ['-o', `${name}=${value}`]
}

/** A path in ssh_config(5)'s quoting: spaces and `#` need quotes, `%` starts a token. */
function configPath(path: string): string {
  return `"${path.replaceAll('%', '%%').replaceAll(/["\\]/gu, '\\$&')}"`
}
