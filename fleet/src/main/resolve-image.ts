/** What `name:tag` is now, and whether somebody whom the operator trusts has signed it. */
import { readFile } from 'node:fs/promises'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../core/desired/image-reference.ts'
import { wantsSignature, type SignerSettings } from '../core/desired/settings.ts'
import type { Failure } from '../core/failure.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Credentials, RegistryAccess, RegistryFailure } from '../probes/registry-access.ts'
import { resolveDigest } from '../probes/registry.ts'
import type { SignatureKey, TrustFiles } from '../probes/signatures/trust.ts'
import { verifySignature, type SignatureFailure } from '../probes/signatures/verify-signature.ts'

/** The operator's login at a registry; `null`: there is none. */
export type Login = (registry: string) => Promise<Result<Credentials | null, string>>

const anonymous: Login = () => Promise.resolve(ok(null))

/**
 * `name@sha256:…`; where signers are named only when one of them has signed it. The login is asked for only when a
 * registry refuses whoever is not known. A refusal is `image-failed`.
 */
export async function resolveImage(
  ref: string,
  signers: SignerSettings,
  access: RegistryAccess,
  login: Login = anonymous,
): Promise<Result<string, Failure>> {
  const parsed = parseImageReference(ref)
  if (!parsed.ok) return refused(parsed.failure)
  const trusted = await readTrustFiles(signers)
  if (!trusted.ok) return refused(trusted.failure)
  const isProved = wantsSignature(signers)
  const question = { reference: parsed.value, ref, trusted: trusted.value, isProved }
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
  readonly trusted: TrustFiles
  readonly isProved: boolean
}

async function find(
  { reference, ref, trusted, isProved }: Wanted,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure | SignatureFailure>> {
  const digest = await resolveDigest(ref, access)
  if (!digest.ok) return digest
  const image = formatImageReference({ ...reference, tag: null, digest: digest.value })
  if (!isProved) return ok(image)
  const signed = await verifySignature(image, trusted, access)
  return signed.ok ? ok(image) : signed
}

export async function readTrustFiles({
  signature_keys: files,
  signature_identities: identities,
  trusted_root: rootFile,
}: SignerSettings): Promise<Result<TrustFiles, string>> {
  const keys: SignatureKey[] = []
  for (const file of files) {
    const pem = await readFile(file, 'utf8').catch(() => null)
    if (pem === null) return fail(`the signature key ${file} cannot be read`)
    keys.push({ file, pem })
  }
  if (rootFile === undefined) return ok({ keys, identities, root: null })
  const text = await readFile(rootFile, 'utf8').catch(() => null)
  if (text === null) return fail(`the trusted root ${rootFile} cannot be read`)
  return ok({ keys, identities, root: { file: rootFile, text } })
}

function refused(detail: string): { readonly ok: false; readonly failure: Failure } {
  return fail({ code: 'image-failed', detail })
}
