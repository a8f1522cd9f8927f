/** Reading for a device, over what a store keeps by place. */
import { fail, type Result } from '@timeball/lib/result.ts'
import { formatPlace } from '../../core/secrets/place.ts'
import { secretProblem, type Secret } from '../../core/secrets/secret.ts'
import type { SecretFailure, SecretStore } from '../../ports/secret-store.ts'

/** A device's own secret, else that of all. */
export async function readKept(
  get: SecretStore['get'],
  device: string,
  name: string,
): Promise<Result<Secret, SecretFailure>> {
  const own = await get({ device, name })
  const isOwn = own.ok || own.failure.code !== 'missing'
  const read = isOwn ? own : await get({ device: null, name })
  const hint = `timeball secrets set ${name}, or ${device}/${name} for ${device} alone`
  if (!read.ok)
    return fail(read.failure.code === 'missing' ? { ...read.failure, hint } : read.failure)
  const problem = secretProblem(read.value.reveal())
  if (problem === null) return read
  const what = formatPlace({ device: isOwn ? device : null, name })
  const code = read.value.reveal() === '' ? 'missing' : 'refused'
  return fail({ code, detail: `${what} ${problem}`, hint: code === 'missing' ? hint : null })
}
