/**
 * The files by which sshd lets named operators in, and nobody else. ssh.service makes the accounts
 * when it starts, so that one restart brings all of it, and a revert takes it back.
 * Sources: sshd_config(5), sshd(8) AUTHORIZED_KEYS FILE FORMAT, sysusers.d(5), tmpfiles.d(5).
 */
import type { Device } from '../device/device.ts'
import type { AccessSettings } from './settings.ts'

export interface AccessFile {
  readonly path: string
  readonly mode: string
  readonly text: string
}

const header = '# Written by Timeball; changes made here are undone by the next apply.'
const keysFolder = '/etc/ssh/timeball'
// No account has such a name.
const authoritiesFile = `${keysFolder}/authorities.pub`
const revokedFile = `${keysFolder}/revoked.pub`
const sysusers = '/etc/sysusers.d/timeball.conf'
const tmpfiles = '/etc/tmpfiles.d/timeball.conf'
const sudoersFile = '/etc/sudoers.d/timeball'
const serviceFile = '/etc/systemd/system/ssh.service.d/timeball.conf'
const sshdFile = '/etc/ssh/sshd_config.d/00-timeball.conf'

/** Where these files are; a folder ends with `/`. */
export const accessPaths: readonly string[] = [
  ...[`${keysFolder}/`, sysusers, tmpfiles, sudoersFile, serviceFile, sshdFile],
]

/** Accounts with keys of their own beside the operators'. */
export interface OtherAccounts {
  /** With whom the inventory logs in. */
  readonly user: Device['user']
  /** `ssh.account`, where there is one. */
  readonly account?: string | undefined
}

export function accessFiles(
  { operators, user_ca: authorities, revoked }: AccessSettings,
  { user, account }: OtherAccounts,
): readonly AccessFile[] {
  const names = Object.keys(operators)
  const others = names.filter((name) => name !== user)
  const sudoers = Object.entries(operators).filter(([, { sudo }]) => sudo)
  return [
    ...Object.entries(operators).map(([name, { keys, ...limits }]) =>
      file(
        `${keysFolder}/${name}`,
        '0644',
        keys.map((key) => `${limitsOf(limits)}${key}`),
      ),
    ),
    file(
      sysusers,
      '0644',
      others.map((name) => `u ${name} - "Operator" /home/${name} /bin/bash`),
    ),
    file(
      tmpfiles,
      '0644',
      others.map((name) => `d /home/${name} 0700 ${name} ${name}`),
    ),
    file(
      sudoersFile,
      '0440',
      sudoers.map(([name]) => `${name} ALL=(ALL) NOPASSWD: ALL`),
    ),
    file(serviceFile, '0644', [
      '[Service]',
      // What fails here must not keep sshd from starting.
      `ExecStartPre=-/usr/bin/systemd-sysusers ${sysusers}`,
      `ExecStartPre=-/usr/bin/systemd-tmpfiles --create ${tmpfiles}`,
    ]),
    // Both are there whether they have keys or not: sshd refuses every key while the second is missing.
    file(authoritiesFile, '0644', authorities),
    file(revokedFile, '0644', revoked),
    file(sshdFile, '0644', sshdLines(names, account === undefined ? [user] : [user, account])),
  ]
}

function file(path: string, mode: string, lines: readonly string[]): AccessFile {
  return { path, mode, text: [header, ...lines, ''].join('\n') }
}

/** The first file that sshd reads decides. Who applies is let in as before, unless he is named. */
function sshdLines(names: readonly string[], appliers: readonly string[]): readonly string[] {
  const others = appliers.filter((user) => !names.includes(user))
  return [
    'PermitRootLogin no',
    'PubkeyAuthentication yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitEmptyPasswords no',
    'AuthenticationMethods publickey',
    'X11Forwarding no',
    `TrustedUserCAKeys ${authoritiesFile}`,
    `RevokedKeys ${revokedFile}`,
    `AllowUsers ${[...new Set([...appliers, ...names])].toSorted().join(' ')}`,
    ...others.flatMap((user) => [
      `Match User ${user}`,
      '  AuthorizedKeysFile .ssh/authorized_keys',
    ]),
    'Match User *',
    `  AuthorizedKeysFile ${keysFolder}/%u`,
  ]
}

type Limits = Pick<AccessSettings['operators'][string], 'expires' | 'from'>

/** sshd takes the key to the end of that day, from there. */
function limitsOf({ expires, from }: Limits): string {
  const limits = [
    ...(expires === undefined ? [] : [`expiry-time="${expires.replaceAll('-', '')}235959"`]),
    ...(from.length === 0 ? [] : [`from="${from.join(',')}"`]),
  ]
  return limits.length === 0 ? '' : `${limits.join(',')} `
}

export const sshService = 'ssh.service'

/** Whether what changes on a device is who may log in there. */
export function isOfAccess(resource: string): boolean {
  return resource === `service:${sshService}` || accessPath.test(resource)
}

const accessPath =
  /^file:\/etc\/(?:ssh\/timeball\/|ssh\/sshd_config\.d\/00-timeball|sysusers\.d\/timeball|tmpfiles\.d\/timeball|sudoers\.d\/timeball|systemd\/system\/ssh\.service\.d\/timeball)/
