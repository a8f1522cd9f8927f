/** What `name:tag` is now, and whether somebody whom the operator trusts has signed it. */
import { readFile } from 'node:fs/promises'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../core/desired/image-reference.ts'
import type { Failure } from '../core/failure.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Credentials, RegistryAccess, RegistryFailure } from '../probes/registry-access.ts'
import { resolveDigest } from '../probes/registry.ts'
import {
  verifySignature,
  type SignatureFailure,
  type SignatureKey,
} from '../probes/signatures/verify-signature.ts'

/** The operator's login at a registry; `null`: there is none. */
export type Login = (registry: string) => Promise<Result<Credentials | null, string>>

const anonymous: Login = () => Promise.resolve(ok(null))

/**
 * `name@sha256:…`; with keys only when one of them has signed it. The login is asked for only when a
 * registry refuses whoever is not known. A refusal is `image-failed`.
 */
export async function resolveImage(
  ref: string,
  keyFiles: readonly string[],
  access: RegistryAccess,
  login: Login = anonymous,
): Promise<Result<string, Failure>> {
  const parsed = parseImageReference(ref)
  if (!parsed.ok) return refused(parsed.failure)
  const keys = await readKeys(keyFiles)
  if (!keys.ok) return refused(keys.failure)
  const question = { reference: parsed.value, ref, keys: keys.value }
  const first = await find(question, access)
  if (first.ok) return first
  if (first.failure.code !== 'unauthorized') return refused(first.failure.detail)
  const { registry } = parsed.value
  const credentials = await login(registry)
  if (!credentials.ok) return refused(`${first.failure.detail}, and ${credentials.failure}`)
  if (credentials.value === null) {
    return refused(`${first.failure.detail}: docker login ${registry}, where it is private`)
  }
  const second = await find(question, { ...access, credentials: credentials.value })
  if (second.ok) return second
  return refused(`${second.failure.detail}, with the login of docker as ${credentials.value.user}`)
}

interface Wanted {
  readonly reference: ImageReference
  readonly ref: string
  readonly keys: readonly SignatureKey[]
}

async function find(
  { reference, ref, keys }: Wanted,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure | SignatureFailure>> {
  const digest = await resolveDigest(ref, access)
  if (!digest.ok) return digest
  const image = formatImageReference({ ...reference, tag: null, digest: digest.value })
  if (keys.length === 0) return ok(image)
  const signed = await verifySignature(image, keys, access)
  return signed.ok ? ok(image) : signed
}

/** Of `image.signature_keys`. */
export async function readKeys(
  files: readonly string[],
): Promise<Result<readonly SignatureKey[], string>> {
  const keys: SignatureKey[] = []
  for (const file of files) {
    const pem = await readFile(file, 'utf8').catch(() => null)
    if (pem === null) return fail(`the signature key ${file} cannot be read`)
    keys.push({ file, pem })
  }
  return ok(keys)
}

function refused(detail: string): { readonly ok: false; readonly failure: Failure } {
  return fail({ code: 'image-failed', detail })
}
