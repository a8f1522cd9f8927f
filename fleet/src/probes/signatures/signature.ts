/** What the kinds of signatures share: what is signed, and what is read of it from a registry. */
import { createHash, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageReference } from '../../core/desired/image-reference.ts'
import { parseJson } from '../parse-json.ts'
import { readBounded } from '../read-bounded.ts'
import type { RegistryAccess, RegistryFailure } from '../registry-access.ts'
import { requestRegistry, type RegistryQuestion } from '../registry-request.ts'

export type SignedImage = ImageReference & { readonly digest: string }

/** Whether this signature of the image was made with the key. */
export type Signature = (key: KeyObject) => boolean

/** Each costs a request. */
export const maxSignatures = 32
export const digestText = z.string().regex(/^sha256:[0-9a-f]{64}$/)

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const maxBytes = { manifests: 1024 * 1024, referrers: 1024 * 1024, blobs: 65_536 }

/** The bytes under a name, within bounds; `null` when there are none. */
export async function readFromRegistry(
  question: Pick<RegistryQuestion, 'reference' | 'kind' | 'name'>,
  access: RegistryAccess,
): Promise<Result<Uint8Array | null, RegistryFailure>> {
  const accept = question.kind === 'blobs' ? '*/*' : manifestTypes
  const response = await requestRegistry({ ...question, method: 'GET', accept }, access)
  if (!response.ok) return response.failure.code === 'not-found' ? ok(null) : response
  const bytes = await readBounded(response.value, maxBytes[question.kind])
  if (bytes !== null && !isNamed(bytes, question)) {
    const { registry } = question.reference
    const detail = `${registry} sent something else than ${question.name}: its digest is another`
    return fail({ code: 'protocol', detail })
  }
  if (bytes !== null) return ok(bytes)
  return fail({ code: 'protocol', detail: `${question.name} is too large` })
}

/** What is asked for by its digest must have it; a list of referrers is about a digest, and has none. */
function isNamed(
  bytes: Uint8Array,
  { kind, name }: Pick<RegistryQuestion, 'kind' | 'name'>,
): boolean {
  if (kind === 'referrers' || !digestText.safeParse(name).success) return true
  return name === `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** `null` for what is no JSON. */
export function jsonOf(bytes: Uint8Array): unknown {
  return parseJson(new TextDecoder().decode(bytes))
}
