/**
 * Asks a registry which digest a tag has now (OCI distribution specification 1.1, "Pulling
 * manifests"), so that a rollout moves one fixed image however often the tag moves under it.
 */
import { createHash } from 'node:crypto'
import { parseImageReference, type ImageReference } from '../core/desired/image-reference.ts'
import { printable } from '@timeball/lib/printable.ts'
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

/** Of what was sent: the header is the registry's word, and devices are told to pull this. */
async function askDigest(
  reference: ImageReference,
  access: RegistryAccess,
): Promise<Result<string, RegistryFailure>> {
  const name = reference.tag ?? 'latest'
  const question = { reference, kind: 'manifests', name, accept: manifestTypes } as const
  const manifest = await requestRegistry(question, access)
  if (!manifest.ok) return manifest
  const bytes = await readBounded(manifest.value, maxManifestBytes)
  if (bytes === null) return fail({ code: 'protocol', detail: 'the manifest is too large' })
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const said = manifest.value.headers.get('docker-content-digest')
  if (said === null || said === digest) return ok(digest)
  const { registry } = reference
  const detail = `${registry} sent something else for ${name} than what it says: ${printable(said, 80)}`
  return fail({ code: 'protocol', detail })
}
