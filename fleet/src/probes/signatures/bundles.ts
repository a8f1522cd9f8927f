/**
 * Signatures of cosign 3: Sigstore bundles that refer to the image (OCI distribution spec 1.1,
 * "Listing Referrers", and its fallback tag `sha256-HEX` where a registry has no such list). Each
 * holds an in-toto statement, signed as a DSSE envelope, whose subject is the image's digest.
 */
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RegistryAccess, RegistryFailure } from '../registry-access.ts'
import {
  digestText,
  maxSignatures,
  jsonOf,
  readFromRegistry,
  type Signature,
  type SignedImage,
} from './signature.ts'

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
/** Of the statement. Bundles hold provenance and SBOMs, too, which say nothing of trust. */
const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1'

const indexSchema = z.object({
  manifests: z.array(z.object({ digest: digestText, artifactType: z.string().optional() })),
})
const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: digestText })),
})

export async function readBundles(
  reference: SignedImage,
  access: RegistryAccess,
): Promise<Result<readonly Signature[], RegistryFailure>> {
  const index = await readReferrers(reference, access)
  if (!index.ok) return index
  const signatures: Signature[] = []
  for (const name of index.value.slice(0, maxSignatures)) {
    const manifest = await readFromRegistry({ reference, kind: 'manifests', name }, access)
    if (!manifest.ok) return manifest
    const parsed = manifestSchema.safeParse(manifest.value && jsonOf(manifest.value))
    const layer = parsed.data?.layers.find(({ mediaType }) => mediaType === bundleType)
    if (layer === undefined) continue
    const blob = { reference, kind: 'blobs', name: layer.digest } as const
    const bundle = await readFromRegistry(blob, access)
    if (!bundle.ok) return bundle
    const signature = bundle.value && (await signatureOf(bundle.value, reference.digest))
    if (signature !== null) signatures.push(signature)
  }
  return ok(signatures)
}

/** Digests of the manifests of bundles. */
async function readReferrers(
  reference: SignedImage,
  access: RegistryAccess,
): Promise<Result<readonly string[], RegistryFailure>> {
  const { digest } = reference
  const listed = await readFromRegistry({ reference, kind: 'referrers', name: digest }, access)
  if (!listed.ok) return listed
  const name = digest.replace(':', '-')
  const found =
    listed.value === null
      ? await readFromRegistry({ reference, kind: 'manifests', name }, access)
      : listed
  if (!found.ok) return found
  if (found.value === null) return ok([])
  const parsed = indexSchema.safeParse(jsonOf(found.value))
  if (!parsed.success) {
    return fail({ code: 'protocol', detail: `${name} is not an index of referrers` })
  }
  // Registries leave `artifactType` out of the fallback's index, as cosign 2 does.
  return ok(
    parsed.data.manifests
      .filter(({ artifactType }) => artifactType === undefined || artifactType === bundleType)
      .map((manifest) => manifest.digest),
  )
}

const statementSchema = z.object({
  predicateType: z.literal(signaturePredicate),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })),
})

/** `null` for a bundle that is no signature of an image. */
async function signatureOf(bytes: Uint8Array, digest: string): Promise<Signature | null> {
  // Only whoever names keys waits for the library.
  const [{ bundleFromJSON }, { toSignedEntity }] = await Promise.all([
    import('@sigstore/bundle'),
    import('@sigstore/verify'),
  ])
  try {
    const bundle = bundleFromJSON(jsonOf(bytes))
    if (bundle.content.$case !== 'dsseEnvelope') return null
    const said = statementSchema.safeParse(jsonOf(bundle.content.dsseEnvelope.payload))
    if (!said.success) return null
    const isOfImage = said.data.subject.some(({ digest: of }) => `sha256:${of.sha256}` === digest)
    const { signature } = toSignedEntity(bundle)
    return (key) => isOfImage && signature.verifySignature(key)
  } catch {
    return null
  }
}
