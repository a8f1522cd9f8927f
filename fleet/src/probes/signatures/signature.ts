/** What the kinds of signatures share: what is signed, and what is read of it from a registry. */
import { createHash, type KeyObject } from 'node:crypto'
import type { TrustMaterial } from '@sigstore/verify'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageReference } from '../../core/desired/image-reference.ts'
import type { SignerIdentity } from '../../core/desired/signer-identity.ts'
import { parseJson } from '../parse-json.ts'
import { readBounded } from '../read-bounded.ts'
import type { RegistryAccess, RegistryFailure } from '../registry-access.ts'
import { requestRegistry, type RegistryQuestion } from '../registry-request.ts'

export type SignedImage = ImageReference & { readonly digest: string }

/** Of an image. */
export interface Signature {
  /** Whether it was made with the key. */
  readonly isBy: (key: KeyObject) => boolean
  /** Who made it without a key, where an authority and a log of these say so; `null`: they do not. */
  readonly signerBy: (material: TrustMaterial) => SignerIdentity | null
}

/** Each costs a request. */
export const maxSignatures = 32
export const digestText = z.string().regex(/^sha256:[0-9a-f]{64}$/)

/** The bytes under a name of one repository, within bounds; `null` when there are none. */
export type Read = (
  kind: RegistryQuestion['kind'],
  name: string,
) => Promise<Result<Uint8Array | null, RegistryFailure>>

export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
export const maxBytes = { manifests: 1024 * 1024, referrers: 1024 * 1024, blobs: 65_536 }

export function reader(reference: ImageReference, access: RegistryAccess): Read {
  return proved(reference, async (kind, name) => {
    const accept = kind === 'blobs' ? '*/*' : manifestTypes
    const question: RegistryQuestion = { reference, kind, name, accept }
    const response = await requestRegistry(question, access)
    if (!response.ok) return response.failure.code === 'not-found' ? ok(null) : response
    const bytes = await readBounded(response.value, maxBytes[kind])
    return bytes === null ? fail({ code: 'protocol', detail: `${name} is too large` }) : ok(bytes)
  })
}

/** What is asked for by its digest must have it. */
export function proved({ registry }: ImageReference, read: Read): Read {
  return async (kind, name) => {
    const bytes = await read(kind, name)
    if (!bytes.ok || bytes.value === null || isNamed(bytes.value, kind, name)) return bytes
    const detail = `${registry} sent something else than ${name}: its digest is another`
    return fail({ code: 'protocol', detail })
  }
}

/** A list of referrers is about a digest, and has none. */
function isNamed(bytes: Uint8Array, kind: RegistryQuestion['kind'], name: string): boolean {
  if (kind === 'referrers' || !digestText.safeParse(name).success) return true
  return name === `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** `null` for what is no JSON. */
export function jsonOf(bytes: Uint8Array): unknown {
  return parseJson(new TextDecoder().decode(bytes))
}
