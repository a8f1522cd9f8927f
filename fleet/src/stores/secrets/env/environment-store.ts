/** Secrets from environment variables: `API_KEY_1_<DEVICE>`, or `API_KEY_1` for all devices. */
import { fail, ok } from '@timeball/lib/result.ts'
import { comparePlaces, type SecretPlace } from '../../../core/secrets/place.ts'
import { Secret, secretProblem } from '../../../core/secrets/secret.ts'
import type { SecretStore } from '../../../ports/secret-store.ts'

export interface EnvironmentStoreOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A variable's name tells its device only to who knows their names. */
  readonly devices: readonly string[]
}

const keys = ['API_KEY_1', 'API_KEY_2']

export function environmentStore({ environment, devices }: EnvironmentStoreOptions): SecretStore {
  const readOnly = fail({
    code: 'refused',
    detail: 'the environment is not written from here',
    hint: 'keep keys in a file: secrets: age in fleet.yaml (docs/keys.md)',
  } as const)
  return {
    name: 'environment',
    notes: () => Promise.resolve([]),
    async read(device, name) {
      const own = variableOf({ device, name })
      const variable = environment[own] === undefined ? name : own
      const value = environment[variable] ?? ''
      if (value === '') {
        const state = environment[variable] === undefined ? 'is not set' : 'is empty'
        const hint = `set ${name}, or ${own} for ${device} alone`
        return fail({ code: 'missing', detail: `${variable} ${state}`, hint })
      }
      const problem = secretProblem(value)
      if (problem !== null)
        return fail({ code: 'refused', detail: `${variable} ${problem}`, hint: null })
      return ok(new Secret(name, value))
    },
    async get(place) {
      const variable = variableOf(place)
      const value = environment[variable]
      return value === undefined
        ? fail({ code: 'missing', detail: `${variable} is not set`, hint: null })
        : ok(new Secret(place.name, value))
    },
    async list() {
      const places = [null, ...devices].flatMap((device) =>
        keys.map((name): SecretPlace => ({ device, name })),
      )
      const kept = places.filter((place) => environment[variableOf(place)] !== undefined)
      return ok(kept.map((place) => ({ ...place, setAtUnixMs: null })).toSorted(comparePlaces))
    },
    write: () => Promise.resolve(readOnly),
    rekey: () => Promise.resolve(readOnly),
  }
}

function variableOf({ device, name }: SecretPlace): string {
  if (device === null) return name
  return `${name}_${device.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
}
