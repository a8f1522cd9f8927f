/**
 * Signatures of cosign 3: Sigstore bundles that refer to the image (OCI distribution spec 1.1,
 * "Listing Referrers", and its fallback tag `sha256-HEX` where a registry has no such list). Each
 * holds an in-toto statement, signed as a DSSE envelope, whose subject is the image's digest.
 */
import type { SignedEntity, Verifier } from '@sigstore/verify'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SignerIdentity } from '../../core/desired/signer-identity.ts'
import type { RegistryFailure } from '../registry-access.ts'
import {
  digestText,
  maxSignatures,
  jsonOf,
  type Read,
  type Signature,
  type SignedImage,
} from './signature.ts'

export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
/** Of the statement. Bundles hold provenance and SBOMs, too, which say nothing of trust. */
export const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1'

const indexSchema = z.object({
  manifests: z.array(z.object({ digest: digestText, artifactType: z.string().optional() })),
})
const predicateAnnotation = 'dev.sigstore.bundle.predicateType'
const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: digestText })),
  annotations: z
    .object({ [predicateAnnotation]: z.string() })
    .partial()
    .optional(),
})

/** What somebody says of an image, and whether a key has signed that. */
export interface BundledStatement {
  readonly predicateType: string
  readonly isOfImage: boolean
  readonly signature: Signature
}

export function signaturesAmong(statements: readonly BundledStatement[]): readonly Signature[] {
  return statements
    .filter(({ predicateType }) => predicateType === signaturePredicate)
    .map(({ isOfImage, signature }): Signature => ({
      isBy: (key) => isOfImage && signature.isBy(key),
      signerBy: (material) => (isOfImage ? signature.signerBy(material) : null),
    }))
}

/** `signatures`: what says that it is something else, and may be large, is not read. */
export async function readStatements(
  reference: SignedImage,
  read: Read,
  wanted: 'signatures' | 'all',
): Promise<Result<readonly BundledStatement[], RegistryFailure>> {
  const index = await readReferrers(reference, read)
  if (!index.ok) return index
  const statements: BundledStatement[] = []
  for (const name of index.value.slice(0, maxSignatures)) {
    const manifest = await read('manifests', name)
    if (!manifest.ok) return manifest
    const blob = manifest.value && bundleIn(manifest.value, wanted)
    if (blob === null) continue
    const bundle = await read('blobs', blob)
    if (!bundle.ok) return bundle
    const statement = bundle.value && (await statementOf(bundle.value, reference.digest))
    if (statement !== null) statements.push(statement)
  }
  return ok(statements)
}

/** The digest of the bundle; `null`: it has none, or another kind. */
function bundleIn(manifest: Uint8Array, wanted: 'signatures' | 'all'): string | null {
  const parsed = manifestSchema.safeParse(jsonOf(manifest))
  if (!parsed.success) return null
  const { layers, annotations } = parsed.data
  const said = annotations?.[predicateAnnotation] ?? signaturePredicate
  if (wanted === 'signatures' && said !== signaturePredicate) return null
  return layers.find(({ mediaType }) => mediaType === bundleType)?.digest ?? null
}

/** Digests of the manifests of bundles. */
async function readReferrers(
  { digest }: SignedImage,
  read: Read,
): Promise<Result<readonly string[], RegistryFailure>> {
  const listed = await read('referrers', digest)
  if (!listed.ok) return listed
  const name = digest.replace(':', '-')
  const found = listed.value === null ? await read('manifests', name) : listed
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
  predicateType: z.string().max(256),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })),
})

/** `null` for a bundle that states nothing. */
async function statementOf(bytes: Uint8Array, digest: string): Promise<BundledStatement | null> {
  // Only whoever names keys waits for the library.
  const [{ bundleFromJSON }, library] = await Promise.all([
    import('@sigstore/bundle'),
    import('@sigstore/verify'),
  ])
  try {
    const bundle = bundleFromJSON(jsonOf(bytes))
    if (bundle.content.$case !== 'dsseEnvelope') return null
    const said = statementSchema.safeParse(jsonOf(bundle.content.dsseEnvelope.payload))
    if (!said.success) return null
    const { predicateType, subject } = said.data
    const isOfImage = subject.some(({ digest: of }) => `sha256:${of.sha256}` === digest)
    const entity = library.toSignedEntity(bundle)
    const signature: Signature = {
      isBy: (key) => entity.signature.verifySignature(key),
      signerBy: (material) => signerOf(entity, new library.Verifier(material)),
    }
    return { predicateType, isOfImage, signature }
  } catch {
    return null
  }
}

/**
 * The certificate has to come from a trusted authority that told its log, and the signature has to be
 * in a trusted log, at a time at which the certificate was valid.
 */
function signerOf(entity: SignedEntity, verifier: Verifier): SignerIdentity | null {
  try {
    const { identity } = verifier.verify(entity)
    const issuer = identity?.extensions?.issuer
    const name = identity?.subjectAlternativeName
    return issuer === undefined || name === undefined ? null : { issuer, identity: name }
  } catch {
    return null
  }
}
