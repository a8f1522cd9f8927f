/**
 * Signs an image as cosign 3 does: a Sigstore bundle around a statement about its digest,
 * which refers to the image (OCI distribution specification 1.1, "Pushing Manifests with Subject").
 */
import { createHash, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  bundleType,
  readStatements,
  signaturePredicate,
  signaturesAmong,
} from '../signatures/bundles.ts'
import type { RegistryFailure } from '../registry-access.ts'
import { jsonOf, type Read } from '../signatures/signature.ts'
import type { MadeBundle, Signer } from '../signatures/signer.ts'
import type { ImageBlob } from '../../ports/image-parts.ts'
import { pushBlob, pushManifest } from './push-image.ts'
import type { RegistrySession } from './session.ts'

export interface SignedManifest {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface Signing {
  readonly session: RegistrySession
  /** Of the same repository. */
  readonly read: Read
  readonly signer: Signer
  readonly nowUnixMs: number
}

export interface Signed extends Pick<MadeBundle, 'key' | 'identity'> {
  /** `there`: the key has signed it before, and nothing is written. */
  readonly state: 'signed' | 'there'
}

export async function signImage(
  image: SignedManifest,
  signing: Signing,
): Promise<Result<Signed, RegistryFailure>> {
  const { key: known } = signing.signer
  const before = known === null ? ok(false) : await isSigned(image, signing, known)
  if (!before.ok) return before
  if (known !== null && before.value) return ok({ state: 'there', key: known, identity: null })
  const bundle = await signing.signer.sign(statementOf(image))
  if (!bundle.ok) return bundle
  const { bytes, key, identity } = bundle.value
  const attached = await attach(image, bytes, signing)
  if (!attached.ok) return attached
  const after = await isSigned(image, signing, key)
  if (!after.ok) return after
  if (after.value) return ok({ state: 'signed', key, identity })
  const { registry } = signing.session.reference
  return fail({ code: 'protocol', detail: `${registry} does not give back the signature` })
}

async function isSigned(
  { digest }: SignedManifest,
  { session, read }: Signing,
  key: KeyObject,
): Promise<Result<boolean, RegistryFailure>> {
  const said = await readStatements({ ...session.reference, digest }, read, 'signatures')
  if (!said.ok) return said
  return ok(signaturesAmong(said.value).some(({ isBy }) => isBy(key)))
}

function statementOf({ digest }: SignedManifest): Buffer {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digest.slice('sha256:'.length) } }],
    predicateType: signaturePredicate,
    predicate: {},
  }
  return Buffer.from(JSON.stringify(statement))
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'
const emptyType = 'application/vnd.oci.empty.v1+json'

async function attach(
  { mediaType, digest, size }: SignedManifest,
  bundle: Buffer,
  { session, read, nowUnixMs }: Signing,
): Promise<Result<null, RegistryFailure>> {
  const blobs = [Buffer.from('{}'), bundle].map((bytes) => blobOf(bytes))
  for (const blob of blobs) {
    const pushed = await pushBlob(session, blob)
    if (!pushed.ok) return pushed
  }
  const [empty, content] = blobs.map(({ digest: of, sizeBytes }) => ({
    digest: of,
    size: sizeBytes,
  }))
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': signaturePredicate,
    'org.opencontainers.image.created': new Date(nowUnixMs).toISOString(),
  }
  const manifest = {
    ...{ schemaVersion: 2, mediaType: manifestType, artifactType: bundleType },
    config: { mediaType: emptyType, ...empty },
    layers: [{ mediaType: bundleType, ...content }],
    subject: { mediaType, digest, size },
    annotations,
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const own = { digest: digestOf(bytes), mediaType: manifestType, bytes }
  const pushed = await pushManifest(session, own, own.digest)
  if (!pushed.ok) return pushed
  const listed = await read('referrers', digest)
  if (!listed.ok) return listed
  if (listed.value !== null) return ok(null)
  const descriptor = { mediaType: manifestType, digest: own.digest, size: bytes.length }
  return await enterFallback(
    digest,
    { ...descriptor, artifactType: bundleType, annotations },
    {
      session,
      read,
    },
  )
}

const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(z.looseObject({ digest: z.string() })),
})

/** For registries that keep no list of who refers to a manifest: an index under a tag does. */
async function enterFallback(
  digest: string,
  descriptor: SignedManifest & Readonly<Record<string, unknown>>,
  { session, read }: Pick<Signing, 'session' | 'read'>,
): Promise<Result<null, RegistryFailure>> {
  const tag = digest.replace(':', '-')
  const found = await read('manifests', tag)
  if (!found.ok) return found
  const empty = { schemaVersion: 2 as const, mediaType: indexType, manifests: [] }
  const before = indexSchema.safeParse(found.value === null ? empty : jsonOf(found.value))
  if (!before.success) {
    return fail({ code: 'protocol', detail: `${tag} is not an index of referrers` })
  }
  const manifests = [...before.data.manifests, descriptor]
  const bytes = Buffer.from(JSON.stringify({ ...before.data, manifests }))
  const index = { digest: digestOf(bytes), mediaType: indexType, bytes }
  return await pushManifest(session, index, tag)
}

function blobOf(bytes: Buffer): ImageBlob {
  return {
    digest: digestOf(bytes),
    sizeBytes: bytes.length,
    async *open() {
      yield bytes
    },
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
