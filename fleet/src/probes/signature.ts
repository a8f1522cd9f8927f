/**
 * Whether somebody whom the operator trusts has signed an image (cosign's SIGNATURE_SPEC.md): the
 * signatures of `sha256:HEX` lie beside it in the registry, under the tag `sha256-HEX.sig`, as
 * layers that each name the digest, and carry the signature over their own bytes.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { parseImageReference, type ImageReference } from '../core/desired/image-reference.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { readBounded } from './read-bounded.ts'
import type { RegistryAccess, RegistryFailure } from './registry-access.ts'
import { requestRegistry, withinTime, type RegistryQuestion } from './registry-request.ts'

/** `file` names the key in messages; `pem` is its content (SubjectPublicKeyInfo). */
export interface SignatureKey {
  readonly file: string
  readonly pem: string
}

/**
 * - `bad-key`: not a public key of the kind that cosign makes
 * - `unsigned`: there are no signatures
 * - `not-trusted`: none of them was made with one of the keys for this digest
 */
export interface SignatureFailure {
  readonly code: 'bad-key' | 'unsigned' | 'not-trusted' | RegistryFailure['code']
  /** Printable. */
  readonly detail: string
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json'
const maxManifestBytes = 1024 * 1024
const maxPayloadBytes = 65_536
/** Each costs a request. */
const maxSignatures = 32

/**
 * Verifies `name@sha256:…` and returns the file of the key that signed it: one signature by one key
 * is enough. Keys are ECDSA P-256 with SHA-256, as `cosign generate-key-pair` makes them; neither
 * certificates nor transparency logs are looked at. Anything but `ok` is a refusal.
 */
export async function verifySignature(
  image: string,
  keys: readonly SignatureKey[],
  access: RegistryAccess,
): Promise<Result<string, SignatureFailure>> {
  const parsed = parseImageReference(image)
  if (!parsed.ok) return fail({ code: 'bad-reference', detail: parsed.failure })
  const { digest } = parsed.value
  if (digest === null) return fail({ code: 'bad-reference', detail: 'only a digest can be signed' })
  const trusted = keys.map((key) => ({ file: key.file, key: readKey(key.pem) }))
  const wrong = trusted.find(({ key }) => key === null)
  if (wrong !== undefined) {
    return fail({ code: 'bad-key', detail: `${wrong.file} is no ECDSA P-256 public key` })
  }
  const payloads = await withinTime(parsed.value, access, (timed) =>
    readSignatures({ ...parsed.value, digest }, timed),
  )
  if (!payloads.ok) return refusalOf(payloads.failure, digest)
  const signer = trusted.find(({ key }) =>
    payloads.value.some((signed) => key !== null && isSigned(signed, key, digest)),
  )
  if (signer !== undefined) return ok(signer.file)
  const count = `${payloads.value.length} ${payloads.value.length === 1 ? 'signature' : 'signatures'}`
  return fail({ code: 'not-trusted', detail: `none of ${count} of ${digest} is by a trusted key` })
}

function refusalOf(
  { code, detail }: RegistryFailure,
  digest: string,
): { readonly ok: false; readonly failure: SignatureFailure } {
  if (code === 'not-found') return fail({ code: 'unsigned', detail: `${digest} is not signed` })
  return fail({ code, detail: `signatures: ${detail}` })
}

function readKey(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}

interface Signed {
  readonly payload: Uint8Array
  /** DER. */
  readonly signature: Uint8Array
}

const signatureAnnotation = 'dev.cosignproject.cosign/signature'
const digestText = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const manifestSchema = z.object({
  layers: z.array(
    z.object({
      mediaType: z.string(),
      digest: digestText,
      annotations: z
        .object({ [signatureAnnotation]: z.base64().max(1024) })
        .partial()
        .optional(),
    }),
  ),
})

async function readSignatures(
  reference: ImageReference & { readonly digest: string },
  access: RegistryAccess,
): Promise<Result<readonly Signed[], RegistryFailure>> {
  const name = `${reference.digest.replace(':', '-')}.sig`
  const manifest = await read({ reference, kind: 'manifests', name }, access)
  if (!manifest.ok) return manifest
  const parsed = manifestSchema.safeParse(parseJson(manifest.value))
  if (!parsed.success) {
    return fail({ code: 'protocol', detail: `${name} is not a manifest of signatures` })
  }
  const signed: Signed[] = []
  for (const { mediaType, digest, annotations } of parsed.data.layers.slice(0, maxSignatures)) {
    const signature = annotations?.[signatureAnnotation]
    if (mediaType !== payloadType || signature === undefined) continue
    const payload = await read({ reference, kind: 'blobs', name: digest }, access)
    if (!payload.ok) return payload
    signed.push({ payload: payload.value, signature: Buffer.from(signature, 'base64') })
  }
  return ok(signed)
}

async function read(
  question: Pick<RegistryQuestion, 'reference' | 'kind' | 'name'>,
  access: RegistryAccess,
): Promise<Result<Uint8Array, RegistryFailure>> {
  const isManifest = question.kind === 'manifests'
  const accept = isManifest ? manifestTypes : '*/*'
  const response = await requestRegistry({ ...question, method: 'GET', accept }, access)
  if (!response.ok) return response
  const bytes = await readBounded(response.value, isManifest ? maxManifestBytes : maxPayloadBytes)
  if (bytes !== null) return ok(bytes)
  return fail({ code: 'protocol', detail: `${question.name} is too large` })
}

/** The registry could hand out somebody else's signature: the payload says what was signed. */
const payloadSchema = z.object({
  critical: z.object({
    type: z.literal('cosign container image signature'),
    image: z.object({ 'docker-manifest-digest': digestText }),
  }),
})

function isSigned({ payload, signature }: Signed, key: KeyObject, digest: string): boolean {
  if (!verify('sha256', payload, key, signature)) return false
  const said = payloadSchema.safeParse(parseJson(payload))
  return said.success && said.data.critical.image['docker-manifest-digest'] === digest
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
