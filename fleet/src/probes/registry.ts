/**
 * Asks a registry which digest a tag has now (OCI distribution specification 1.1, "Pulling
 * manifests"), so that a rollout moves one fixed image however often the tag moves under it.
 */
import { createHash } from 'node:crypto'
import { parseImageReference, type ImageReference } from '../core/desired/image-reference.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { readBounded } from './read-bounded.ts'
import { requestRegistry, withinTime } from './registry-request.ts'
import type { RegistryAccess, RegistryFailure } from './registry-access.ts'

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const maxManifestBytes = 4 * 1024 * 1024

/**
 * The digest (`sha256:…`) of an image. A name that has a digest is answered without asking; one
 * without a tag means `latest`. The digest is that of the index, so it serves every architecture.
 */
export async function resolveDigest(
  text: string,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure>> {
  const parsed = parseImageReference(text)
  if (!parsed.ok) return fail({ code: 'bad-reference', detail: parsed.failure })
  const reference = parsed.value
  if (reference.digest !== null) return ok(reference.digest)

  return withinTime(reference, access, (timed) => askDigest(reference, timed))
}

/** The digest header is optional in the specification: without it the manifest itself is hashed. */
async function askDigest(
  reference: ImageReference,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure>> {
  const name = reference.tag ?? 'latest'
  const question = { reference, kind: 'manifests', name, accept: manifestTypes } as const
  const head = await requestRegistry({ ...question, method: 'HEAD' }, access)
  if (!head.ok) return head
  const digest = head.value.headers.get('docker-content-digest')
  if (digest !== null && digestPattern.test(digest)) return ok(digest)

  const manifest = await requestRegistry({ ...question, method: 'GET' }, access)
  if (!manifest.ok) return manifest
  const bytes = await readBounded(manifest.value, maxManifestBytes)
  if (bytes === null) return fail({ code: 'protocol', detail: 'the manifest is too large' })
  return ok(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
}

const digestPattern = /^sha256:[0-9a-f]{64}$/
