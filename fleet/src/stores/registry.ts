/** The stores that `state:`, `secrets:` and `backup:` in fleet.yaml can name. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupSettings } from '../core/backup/settings.ts'
import type { IsAlive } from '../core/rollout/lease.ts'
import type { SecretSettings } from '../core/secrets/settings.ts'
import type { VaultAccess } from '../core/secrets/vault-access.ts'
import { stateNames, type StateName } from '../core/settings/adapter-names.ts'
import type { AccessStore } from '../ports/access-store.ts'
import type { BackupStore } from '../ports/backup-store.ts'
import type { Recovery } from '../ports/recovery.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { SeriesStore } from '../ports/series-store.ts'
import type { SecretStore } from '../ports/secret-store.ts'

/** What one fleet remembers. Each call gives a handle of its own. */
export interface State {
  /** Where it is, as people are told. */
  readonly rolloutsAt: string
  /** What to do when it cannot be opened; left out: a file can be recovered. */
  readonly fix?: string
  /** Something was remembered. */
  isThere(): boolean
  /** Reject when it cannot be used. */
  openRollouts(): Promise<RolloutStore>
  openSamples(): Promise<SampleStore>
  /** Like the history of clocks beside the controller, wherever the rest is. */
  openAccess(): Promise<AccessStore>
  openSeries(): Promise<SeriesStore>
  /** Makes a new one out of what can be read of a damaged one. Rejects like those. */
  recover(nowMs: number): Promise<Recovery>
}

export interface StateOptions {
  /** `.timeball/` of the fleet. */
  readonly folder: string
  readonly isAlive: IsAlive
  readonly environment: Environment
}

/** Only the one that is used is loaded. */
const states = {
  sqlite({ folder, isAlive }) {
    const rolloutsAt = join(folder, 'state.db')
    return Promise.resolve({
      rolloutsAt,
      isThere: () => existsSync(rolloutsAt),
      async openRollouts() {
        const { openRolloutStore } = await import('./sqlite/rollout-store.ts')
        return await openRolloutStore(rolloutsAt, isAlive)
      },
      async openSamples() {
        const { openSampleStore } = await import('./sqlite/sample-store.ts')
        return await openSampleStore(join(folder, 'clock.db'))
      },
      ...besideController(folder),
      async recover(nowMs: number) {
        const { recoverDatabase } = await import('./sqlite/recover.ts')
        return recoverDatabase(rolloutsAt, { isAlive, nowMs })
      },
    })
  },
  async memory({ isAlive }) {
    const { memoryRollouts } = await import('./memory/rollout-store.ts')
    const { memorySamples } = await import('./memory/sample-store.ts')
    const [rollouts, samples] = [memoryRollouts(), memorySamples()]
    return {
      rolloutsAt: 'memory',
      isThere: () => true,
      openRollouts: () => Promise.resolve(rollouts.open(isAlive)),
      openSamples: () => Promise.resolve(samples.open()),
      ...besideController(null),
      recover: () => Promise.resolve<Recovery>({ kind: 'sound' }),
    }
  },
} as const satisfies Readonly<Record<StateName, (options: StateOptions) => Promise<State>>>

function openState(place: string, options: StateOptions): Promise<State> {
  const name = stateNames.find((each) => each === place)
  return name === undefined ? postgresState(place, options) : states[name](options)
}

/** A database knows by itself what was written. */
function postgresState(
  url: string,
  { folder, isAlive, environment }: StateOptions,
): Promise<State> {
  const place = { url, password: environment['PGPASSWORD'] }
  return Promise.resolve({
    rolloutsAt: url,
    fix: 'see that the server answers, and that PGPASSWORD is set where it wants a password',
    isThere: () => true,
    async openRollouts() {
      const { openRolloutStore } = await import('./postgres/rollout-store.ts')
      return await openRolloutStore(place, isAlive)
    },
    async openSamples() {
      const { openSampleStore } = await import('./postgres/sample-store.ts')
      return await openSampleStore(place)
    },
    ...besideController(folder),
    recover: () => Promise.resolve<Recovery>({ kind: 'sound' }),
  })
}

/** `null`: gone with the process. */
function besideController(folder: string | null): Pick<State, 'openSeries' | 'openAccess'> {
  const place = (name: string): string => (folder === null ? ':memory:' : join(folder, name))
  return {
    async openSeries() {
      const { openSeriesStore } = await import('./sqlite/series-store.ts')
      return await openSeriesStore(place('series.db'))
    },
    async openAccess() {
      const { openAccessStore } = await import('./sqlite/access-store.ts')
      return openAccessStore(place('access.db'))
    },
  }
}

/**
 * Finds the state of a fleet, by `state:` of its settings: always the same one for a folder, as long
 * as the process lives.
 */
export type FindState = (place: string, folder: string) => Promise<State>

export function stateRegistry(isAlive: IsAlive, environment: Environment): FindState {
  const found = new Map<string, Promise<State>>()
  return (place, folder) => {
    const key = `${place} ${folder}`
    const state = found.get(key) ?? openState(place, { folder, isAlive, environment })
    found.set(key, state)
    return state
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface SecretParts {
  readonly vault: VaultAccess
  readonly environment: Environment
  /** Names of all devices of the fleet. */
  readonly devices: readonly string[]
  /** Of an identity; `null`: nobody can be asked. */
  readonly askPassphrase: (file: string) => Promise<string | null>
}

type OpenSecrets<S extends SecretSettings> = (
  settings: S,
  parts: SecretParts,
) => Promise<SecretStore>

const secretStores = {
  async env(_, { environment, devices }) {
    const { environmentStore } = await import('./secrets/env/environment-store.ts')
    return environmentStore({ environment, devices })
  },
  async age({ file, identity_file: identity = null }, { environment, askPassphrase }) {
    const { ageStore } = await import('./secrets/age/age-store.ts')
    return ageStore({ path: file, identities: { file: identity, environment, askPassphrase } })
  },
  async 'ansible-vault'({ file, variables }, { vault, devices }) {
    const { vaultStore } = await import('./secrets/ansible-vault/vault-store.ts')
    return vaultStore({ path: file, variables, vault, devices })
  },
  async vault(settings, { environment }) {
    const { kvStore } = await import('./secrets/vault/kv-store.ts')
    return kvStore({
      ...settings,
      address: settings.address ?? environment['VAULT_ADDR'] ?? '',
      namespace: settings.namespace ?? environment['VAULT_NAMESPACE'] ?? null,
      caFile: settings.ca_file ?? environment['VAULT_CACERT'] ?? null,
      environment,
      nowMs: monotonic,
    })
  },
} as const satisfies {
  readonly [Name in SecretSettings['store']]: OpenSecrets<Extract<SecretSettings, { store: Name }>>
}

function monotonic(): number {
  return performance.now()
}

export function openSecretStore(
  settings: SecretSettings,
  parts: SecretParts,
): Promise<SecretStore> {
  switch (settings.store) {
    case 'env':
      return secretStores.env(settings, parts)
    case 'age':
      return secretStores.age(settings, parts)
    case 'ansible-vault':
      return secretStores['ansible-vault'](settings, parts)
    case 'vault':
      return secretStores.vault(settings, parts)
  }
}

export interface BackupParts extends Pick<SecretParts, 'environment' | 'askPassphrase'> {
  readonly signal: AbortSignal
}

type OpenBackups = (settings: BackupSettings, parts: BackupParts) => Promise<BackupStore>

const backupStores = {
  async age({ repository: folder, recipients, identity_file: file = null }, parts) {
    const { ageRepository } = await import('./backups/age/age-repository.ts')
    return ageRepository({ folder, recipients, identities: { ...parts, file } })
  },
  async restic({ repository, password_file: passwordFile = null }, { signal }) {
    const { resticRepository } = await import('./backups/restic/restic-repository.ts')
    return resticRepository({ repository, passwordFile, signal })
  },
} as const satisfies Readonly<Record<BackupSettings['store'], OpenBackups>>

export function openBackupStore(
  settings: BackupSettings,
  parts: BackupParts,
): Promise<BackupStore> {
  return backupStores[settings.store](settings, parts)
}
