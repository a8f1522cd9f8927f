/** Secrets from environment variables: `API_KEY_1_<DEVICE>`, or `API_KEY_1` for all devices. */
import { fail, ok } from '@timeball/lib/result.ts'
import { Secret, secretProblem } from '../../../core/secrets/secret.ts'
import type { SecretStore } from '../../../ports/secret-store.ts'

export function environmentStore(
  environment: Readonly<Record<string, string | undefined>>,
): SecretStore {
  return {
    name: 'environment',
    async read(device, name) {
      const own = `${name}_${device.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
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
  }
}
