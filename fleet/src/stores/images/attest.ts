/**
 * Puts statements into an image index as BuildKit does (its docs/attestations/attestation-storage.md):
 * a manifest for no machine, whose layers are the statements about one platform.
 */
import type { InTotoStatement } from '../../core/image/statements.ts'
import type { Blobs } from './blobs.ts'
import { configType, manifestType, type Descriptor } from './layout.ts'

const nowhere = { os: 'unknown', architecture: 'unknown' }

/** For the index, behind its platforms. */
export async function attest(
  platform: string,
  statements: readonly InTotoStatement[],
  blobs: Blobs,
): Promise<Descriptor> {
  const layers: Descriptor[] = []
  for (const { predicateType, text } of statements) {
    layers.push({
      mediaType: 'application/vnd.in-toto+json',
      ...(await blobs.put(Buffer.from(text))),
      annotations: { 'in-toto.io/predicate-type': predicateType },
    })
  }
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
  const config = await blobs.put(Buffer.from(JSON.stringify({ ...nowhere, config: {}, rootfs })))
  const manifest = {
    ...{ schemaVersion: 2, mediaType: manifestType },
    ...{ config: { mediaType: configType, ...config }, layers },
  }
  return {
    mediaType: manifestType,
    ...(await blobs.put(Buffer.from(JSON.stringify(manifest)))),
    platform: nowhere,
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': platform,
    },
  }
}
