/** Reads what an image says of itself, and what others say of it, wherever it lies. */
import { z } from 'zod'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageFacts, PlatformFacts, Statement } from '../../core/desired/image-facts.ts'
import { readStatements, signaturesAmong, signaturePredicate } from '../signatures/bundles.ts'
import { digestText, jsonOf, type Read, type SignedImage } from '../signatures/signature.ts'
import { readTagged } from '../signatures/tag.ts'
import { isTrusting, type Trust } from '../signatures/trust.ts'
import { signerOf, trustedSigner } from '../signatures/verify-signature.ts'
import type { RegistryFailure } from '../registry-access.ts'

const descriptor = z.object({
  mediaType: z.string().max(256).default(''),
  digest: digestText,
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).default({}),
})
type Descriptor = z.output<typeof descriptor>
const manifestSchema = z.object({
  config: descriptor.optional(),
  layers: z.array(descriptor).max(128).default([]),
  manifests: z.array(descriptor).max(64).default([]),
})
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  config: z
    .object({ Labels: z.record(z.string(), z.string()).nullish() })
    .nullish()
    .default(null),
})
const statementSchema = z.object({
  predicateType: z.string().max(256),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).max(64),
})

/** BuildKit's (docs/attestations/attestation-storage.md). */
const referenceType = 'vnd.docker.reference.type'
const attestationManifest = 'attestation-manifest'
const predicateAnnotation = 'in-toto.io/predicate-type'

export async function readImage(
  image: SignedImage,
  read: Read,
  trust: Trust,
): Promise<Result<ImageFacts, RegistryFailure>> {
  const root = await parsed(read, 'manifests', image.digest, manifestSchema)
  if (!root.ok) return root
  const { manifests } = root.value
  const itself = { digest: image.digest, annotations: {} }
  const below: readonly Pick<Descriptor, 'digest' | 'annotations'>[] =
    manifests.length > 0 ? manifests : [itself]
  const platforms: PlatformFacts[] = []
  const statements: Statement[] = []
  const sizes = new Map<string, number>()
  for (const { digest, annotations } of below) {
    const manifest = await parsed(read, 'manifests', digest, manifestSchema)
    if (!manifest.ok) return manifest
    if (annotations[referenceType] === attestationManifest) {
      const said = await statementsInside(manifest.value.layers, read)
      if (!said.ok) return said
      statements.push(...said.value)
      continue
    }
    const { config, layers } = manifest.value
    if (config === undefined) return fail(odd(`${digest} is no image`))
    const platform = await platformOf(digest, [config, ...layers], read)
    if (!platform.ok) return platform
    platforms.push(platform.value)
    for (const part of [config, ...layers]) sizes.set(part.digest, part.size)
  }
  const beside = await besideOf(image, read, trust)
  if (!beside.ok) return beside
  return ok({
    digest: image.digest,
    sizeBytes: sum([...sizes.values()]),
    platforms,
    ...beside.value,
    statements: [...statements, ...beside.value.statements],
  })
}

async function platformOf(
  digest: string,
  parts: readonly [Descriptor, ...Descriptor[]],
  read: Read,
): Promise<Result<PlatformFacts, RegistryFailure>> {
  const config = await parsed(read, 'blobs', parts[0].digest, configSchema)
  if (!config.ok) return config
  const { os, architecture } = config.value
  const labels = Object.entries(config.value.config?.Labels ?? {}).slice(0, 64)
  return ok({
    platform: printable(`${os}/${architecture}`, 80),
    digest,
    sizeBytes: sum(parts.map(({ size }) => size)),
    labels: new Map(labels.map(([name, value]) => [printable(name, 120), printable(value, 200)])),
  })
}

async function statementsInside(
  layers: readonly Descriptor[],
  read: Read,
): Promise<Result<readonly Statement[], RegistryFailure>> {
  const statements: Statement[] = []
  for (const { digest, annotations } of layers) {
    if (annotations[predicateAnnotation] === undefined) continue
    const said = await parsed(read, 'blobs', digest, statementSchema)
    if (!said.ok) return said
    const { predicateType, subject } = said.value
    statements.push({
      predicateType: printable(predicateType, 200),
      about: subject.map(({ digest: of }) => `sha256:${of.sha256}`),
      ...{ place: 'inside', signedBy: null },
    })
  }
  return ok(statements)
}

async function besideOf(
  image: SignedImage,
  read: Read,
  trust: Trust,
): Promise<Result<Pick<ImageFacts, 'statements' | 'signatures' | 'signedBy'>, RegistryFailure>> {
  const said = await readStatements(image, read, 'all')
  if (!said.ok) return said
  const tagged = await readTagged(image, read)
  if (!tagged.ok) return tagged
  const signatures = [...signaturesAmong(said.value), ...tagged.value]
  const signer = isTrusting(trust) ? signerOf(image.digest, signatures, trust) : null
  return ok({
    signatures: signatures.length,
    signedBy: signer === null || signer.ok ? signer : fail(signer.failure.detail),
    statements: said.value
      .filter(({ predicateType, isOfImage }) => isOfImage && predicateType !== signaturePredicate)
      .map(({ predicateType, signature }) => ({
        predicateType: printable(predicateType, 200),
        ...{ about: [image.digest], place: 'beside' },
        signedBy: trustedSigner(signature, trust),
      })),
  })
}

async function parsed<S extends z.ZodType>(
  read: Read,
  kind: 'manifests' | 'blobs',
  digest: string,
  schema: S,
): Promise<Result<z.output<S>, RegistryFailure>> {
  const bytes = await read(kind, digest)
  if (!bytes.ok) return bytes
  if (bytes.value === null) return fail({ code: 'not-found', detail: `there is no ${digest}` })
  const value = schema.safeParse(jsonOf(bytes.value))
  return value.success ? ok(value.data) : fail(odd(`${digest} is no part of an image`))
}

function odd(detail: string): RegistryFailure {
  return { code: 'protocol', detail }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
