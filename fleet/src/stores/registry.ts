/** The stores that `state:` and `secrets:` in fleet.yaml can name. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { IsAlive } from '../core/rollout/lease.ts'
import type { SecretStoreName, StateName } from '../core/settings/adapter-names.ts'
import type { Recovery } from '../ports/recovery.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { SecretStore } from '../ports/secret-store.ts'

/** What one fleet remembers. Each call gives a handle of its own. */
export interface State {
  /** Where it is, as people are told. */
  readonly rolloutsAt: string
  /** Something was remembered. */
  isThere(): boolean
  /** Reject when it cannot be used. */
  openRollouts(): Promise<RolloutStore>
  openSamples(): Promise<SampleStore>
  /** Makes a new one out of what can be read of a damaged one. Rejects like those. */
  recover(nowMs: number): Promise<Recovery>
}

export interface StateOptions {
  /** `.timeball/` of the fleet. */
  readonly folder: string
  readonly isAlive: IsAlive
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
      recover: () => Promise.resolve<Recovery>({ kind: 'sound' }),
    }
  },
} as const satisfies Readonly<Record<StateName, (options: StateOptions) => Promise<State>>>

/** Finds the state of a fleet: always the same one for a folder, as long as the process lives. */
export type FindState = (name: StateName, folder: string) => Promise<State>

export function stateRegistry(isAlive: IsAlive): FindState {
  const found = new Map<string, Promise<State>>()
  return (name, folder) => {
    const key = `${name} ${folder}`
    const state = found.get(key) ?? states[name]({ folder, isAlive })
    found.set(key, state)
    return state
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

const secretStores = {
  async env(environment) {
    const { environmentStore } = await import('./secrets/env/environment-store.ts')
    return environmentStore(environment)
  },
} as const satisfies Readonly<
  Record<SecretStoreName, (environment: Environment) => Promise<SecretStore>>
>

export function openSecretStore(
  name: SecretStoreName,
  environment: Environment,
): Promise<SecretStore> {
  return secretStores[name](environment)
}
