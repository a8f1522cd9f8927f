/**
 * Signatures of cosign 1 and 2 (SIGNATURE_SPEC.md): those of `sha256:HEX` lie beside it in the
 * registry, under the tag `sha256-HEX.sig`, as layers that each name the digest, and carry the
 * signature over their own bytes.
 */
import { verify } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RegistryFailure } from '../registry-access.ts'
import {
  digestText,
  maxSignatures,
  jsonOf,
  type Read,
  type Signature,
  type SignedImage,
} from './signature.ts'

const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json'
const signatureAnnotation = 'dev.cosignproject.cosign/signature'
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

export async function readTagged(
  reference: SignedImage,
  read: Read,
): Promise<Result<readonly Signature[], RegistryFailure>> {
  const name = `${reference.digest.replace(':', '-')}.sig`
  const manifest = await read('manifests', name)
  if (!manifest.ok) return manifest
  if (manifest.value === null) return ok([])
  const parsed = manifestSchema.safeParse(jsonOf(manifest.value))
  if (!parsed.success) {
    return fail({ code: 'protocol', detail: `${name} is not a manifest of signatures` })
  }
  const signatures: Signature[] = []
  for (const { mediaType, digest, annotations } of parsed.data.layers.slice(0, maxSignatures)) {
    const text = annotations?.[signatureAnnotation]
    if (mediaType !== payloadType || text === undefined) continue
    const payload = await read('blobs', digest)
    if (!payload.ok) return payload
    if (payload.value !== null) signatures.push(signatureOf(payload.value, text, reference.digest))
  }
  return ok(signatures)
}

/** The registry could hand out somebody else's signature: the payload says what was signed. */
const payloadSchema = z.object({
  critical: z.object({
    type: z.literal('cosign container image signature'),
    image: z.object({ 'docker-manifest-digest': digestText }),
  }),
})

function signatureOf(payload: Uint8Array, base64: string, digest: string): Signature {
  const said = payloadSchema.safeParse(jsonOf(payload))
  const isOfImage = said.success && said.data.critical.image['docker-manifest-digest'] === digest
  const der = Buffer.from(base64, 'base64')
  return {
    isBy: (key) => isOfImage && verify('sha256', payload, key, der),
    // Those that cosign 1 and 2 made without a key hold all that is needed, in a form of their own.
    signerBy: () => null,
  }
}
