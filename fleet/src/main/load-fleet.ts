/** The files of a fleet, found and read: inventory.yml, fleet.yaml and what lies beside them. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { FleetOptions, LoadedFleet } from '../cli/context.ts'
import type { BackupSettings } from '../core/backup/settings.ts'
import type { Place } from '../core/fleet/check-quorum.ts'
import { parseRevoked, revokedFile, type Revoked } from '../core/device/revoked.ts'
import { isFolder } from '../core/git/is-folder.ts'
import type { SecretSettings } from '../core/secrets/settings.ts'
import type { Settings } from '../core/settings/settings.ts'
import {
  checkSettings,
  placeOf,
  readSettingsText,
  type SettingsText,
} from '../core/settings/parse-settings.ts'
import { fileProblem } from '@timeball/lib/file-problem.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { buildLoaded } from './inventory/build-loaded.ts'
import { loadInventory, sourcesOf, type Environment } from './inventory/load-inventory.ts'
import { expandHome, keyFileMistake, privateKeyMistake } from './key-files.ts'
import { vaultAccess } from './inventory/vault-access.ts'
import { schemaFor } from './settings-schema.ts'

/** Problems of the settings and of the inventory come together. */
export async function loadFleet(
  options: FleetOptions,
  environment: Environment,
): Promise<Result<LoadedFleet, readonly Problem[]>> {
  const { settingsFile, problem } = findSettings(options)
  if (problem !== null) return fail([problem])
  const settings = await readSettings(settingsFile, options.fleet !== undefined)
  const loaded = await loadInventory(options, environment)
  const folder = dirname(settingsFile)
  const revoked = readRevoked(join(folder, revokedFile))
  if (!settings.ok || !loaded.ok || !revoked.ok) {
    return fail([settings, loaded, revoked].flatMap((part) => (part.ok ? [] : part.failure)))
  }
  const { inventory } = loaded.value
  const { text } = settings.value
  const place: Place = (path) => ({ file: settingsFile, ...placeOf(text, path) })
  const resolved = withPaths(settings.value.settings, folder)
  const mistakes = [
    ...(await keyFileProblems(resolved, place)),
    ...accountProblems(resolved, place),
  ]
  const built = await buildLoaded({
    ...loaded.value,
    settings: resolved,
    place,
    options,
    environment,
    revoked: revoked.value,
  })
  if (!built.ok) return fail([...mistakes, ...built.failure])
  if (mistakes.length > 0) return fail(mistakes)
  const stateFolder = join(folder, '.timeball')
  const vault = vaultAccess({ ...loaded.value, options, environment })
  return ok({ ...built.value, inventory, settingsFile, stateFolder, vault })
}

interface FoundSettings {
  readonly settingsFile: string
  readonly problem: Problem | null
}

/**
 * `fleet.yaml` beside the inventory, else in the working directory, where playbooks are. One that is
 * named `fleet.yml` would be left unread, and the fleet planned with an image that nobody meant.
 */
function findSettings(options: FleetOptions): FoundSettings {
  if (options.fleet !== undefined) return { settingsFile: options.fleet, problem: null }
  const [source = ''] = sourcesOf(options)
  const isFolder = existsSync(source) && statSync(source).isDirectory()
  const beside = join(isFolder ? source : dirname(source), 'fleet.yaml')
  const settingsFile = [beside, 'fleet.yaml'].find((path) => existsSync(path)) ?? beside
  const mistyped = [beside, 'fleet.yaml']
    .map((path) => path.replace(/yaml$/, 'yml'))
    .find((path) => existsSync(path))
  if (mistyped === undefined) return { settingsFile, problem: null }
  const fix = `Rename it to fleet.yaml, or name it: -f ${mistyped}`
  const what = 'a file of this name is not read'
  return { settingsFile, problem: { file: mistyped, line: null, column: null, what, fix } }
}

async function readSettings(
  path: string,
  isNamed: boolean,
): Promise<Result<ReadSettings, readonly Problem[]>> {
  const text = settingsText(path, isNamed)
  if (!text.ok) return text
  const read = readSettingsText(path, text.value)
  if (!read.ok) return read
  const settings = checkSettings(read.value, await schemaFor(read.value.content))
  return settings.ok ? ok({ settings: settings.value, text: read.value }) : settings
}

interface ReadSettings {
  readonly settings: Settings
  readonly text: SettingsText
}

/** Files of keys that settings name and that cannot be read. */
async function keyFileProblems(
  { ssh, clock, image }: Settings,
  place: Place,
): Promise<readonly Problem[]> {
  const named: readonly (readonly [path: readonly string[], file: string | undefined])[] = [
    [['ssh', 'private_key_file'], ssh.private_key_file],
    [['clock', 'key', 'file'], clock.key?.file],
    ...image.signature_keys.map((file, index): readonly [string[], string] => [
      ['image', 'signature_keys', String(index)],
      file,
    ]),
    [['image', 'trusted_root'], image.trusted_root],
  ]
  const found = await Promise.all(
    named.map(async ([path, file]): Promise<Problem[]> => {
      if (file === undefined) return []
      const check = path[0] === 'ssh' ? privateKeyMistake : keyFileMistake
      const mistake = await check(file)
      if (mistake === null) return []
      const what = `${path.filter((part) => !/^\d+$/.test(part)).join('.')}: ${mistake}`
      return [
        { ...place(path), what, fix: 'name the file of the key; paths are relative to fleet.yaml' },
      ]
    }),
  )
  return found.flat()
}

/** Ansible runs programs of its own on devices, which the account does not let in. */
function accountProblems({ engine, ssh }: Settings, place: Place): readonly Problem[] {
  if (engine === 'ssh' || ssh.account === undefined) return []
  const path = ['ssh', 'account']
  const what = `ssh.account: the engine ${engine} cannot use it`
  return [{ ...place(path), what, fix: 'leave it out, or say engine: ssh' }]
}

/** A fleet needs no `fleet.yaml`, unless it was named. */
function settingsText(path: string, isNamed: boolean): Result<string, readonly Problem[]> {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing && !isNamed) return ok('')
    const what = isMissing ? 'there is no such file' : 'cannot be read'
    return fail([{ file: path, line: null, column: null, what, fix: 'name it with -f FILE' }])
  }
}

function readRevoked(file: string): Result<readonly Revoked[], readonly Problem[]> {
  try {
    return existsSync(file) ? parseRevoked(file, readFileSync(file, 'utf8')) : ok([])
  } catch (error) {
    // Who cannot read it may send something to a device that was stolen.
    return fail([fileProblem(file, error)])
  }
}

/** Paths in fleet.yaml are relative to it, or to the home with `~/`. */
function withPaths(settings: Settings, folder: string): Settings {
  const { private_key_file: key, known_hosts: hosts, account, ...ssh } = settings.ssh
  const resolve = (path: string): string => {
    const expanded = expandHome(path)
    return isAbsolute(expanded) ? expanded : join(folder, expanded)
  }
  const { key: ntpKey, ...clock } = settings.clock
  const { ca_file: saltAuthority, ...salt } = settings.salt
  const { secrets } = settings
  return {
    ...settings,
    secrets: withSecretPaths(secrets, resolve),
    backup: withBackupPaths(settings.backup, resolve),
    git: withGitPaths(settings.git, resolve),
    image: withSignerPaths(settings.image, resolve),
    clock: {
      ...clock,
      ...(ntpKey === undefined ? {} : { key: { ...ntpKey, file: resolve(ntpKey.file) } }),
    },
    salt: {
      ...salt,
      ...(saltAuthority === undefined ? {} : { ca_file: resolve(saltAuthority) }),
    },
    ssh: {
      ...ssh,
      ...(key === undefined ? {} : { private_key_file: resolve(key) }),
      ...(hosts === undefined ? {} : { known_hosts: resolve(hosts) }),
      ...(account === undefined
        ? {}
        : { account: { ...account, private_key_file: resolve(account.private_key_file) } }),
    },
  }
}

/** A repository with a colon is one that restic reaches by itself. */
function withBackupPaths(
  { identity_file: identity, password_file: password, ...backup }: BackupSettings,
  resolve: (path: string) => string,
): BackupSettings {
  const isElsewhere = backup.store === 'restic' && /^[a-z0-9]+:/.test(backup.repository)
  return {
    ...backup,
    repository: isElsewhere ? backup.repository : resolve(backup.repository),
    ...(identity === undefined ? {} : { identity_file: resolve(identity) }),
    ...(password === undefined ? {} : { password_file: resolve(password) }),
  }
}

function withGitPaths(git: Settings['git'], resolve: (path: string) => string): Settings['git'] {
  if (git === undefined) return undefined
  const { allowed_signers: signers } = git
  return {
    ...git,
    remote: isFolder(git.remote) ? resolve(git.remote) : git.remote,
    ...(signers === undefined ? {} : { allowed_signers: resolve(signers) }),
  }
}

function withSignerPaths(
  image: Settings['image'],
  resolve: (path: string) => string,
): Settings['image'] {
  const { signature_keys: keys, trusted_root: root } = image
  const resolved = root === undefined ? {} : { trusted_root: resolve(root) }
  return { ...image, signature_keys: keys.map(resolve), ...resolved }
}

function withSecretPaths(
  secrets: SecretSettings,
  resolve: (path: string) => string,
): SecretSettings {
  if (secrets.store === 'env') return secrets
  if (secrets.store === 'vault') return withVaultPaths(secrets, resolve)
  const file = resolve(secrets.file)
  if (secrets.store === 'ansible-vault' || secrets.identity_file === undefined) {
    return { ...secrets, file }
  }
  return { ...secrets, file, identity_file: resolve(secrets.identity_file) }
}

type VaultSettings = Extract<SecretSettings, { store: 'vault' }>

function withVaultPaths(
  { auth, ca_file: ca, ...rest }: VaultSettings,
  resolve: (path: string) => string,
): VaultSettings {
  const resolved = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(path)
  return { ...rest, ca_file: resolved(ca), auth: withAuthPaths(auth, resolved) }
}

function withAuthPaths(
  auth: VaultSettings['auth'],
  resolved: (path: string | undefined) => string | undefined,
): VaultSettings['auth'] {
  switch (auth.method) {
    case 'token':
      return { ...auth, token_file: resolved(auth.token_file) }
    case 'approle':
      return { ...auth, secret_id_file: resolved(auth.secret_id_file) }
    case 'jwt':
      return { ...auth, jwt_file: resolved(auth.jwt_file) }
  }
}
