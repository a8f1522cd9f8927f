/** The password of salt-api's user: of the environment, else of the secrets of the fleet. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SecretStore } from '../../ports/secret-store.ts'

const name = 'SALT_PASSWORD'

export async function saltPassword({
  environment,
  secrets,
}: {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly secrets: Pick<SecretStore, 'get'>
}): Promise<Result<string, string>> {
  const set = environment[name]
  if (set !== undefined && set !== '') return ok(set)
  const kept = await secrets.get({ device: null, name })
  if (kept.ok) return ok(kept.value.reveal())
  const why =
    kept.failure.code === 'missing' ? 'there is no password for salt-api' : kept.failure.detail
  return fail(`${why}: set ${name}, or timeball secrets set ${name}`)
}
