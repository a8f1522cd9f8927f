/**
 * Brings an image into a registry (OCI distribution specification 1.1, "Push"): what it lacks of the
 * blobs, then the manifests from below, at last the one that gets the tag.
 */
import { createHash } from 'node:crypto'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageBlob, ImageManifest, ImageParts } from '../../ports/image-parts.ts'
import type { RegistryFailure } from '../registry-access.ts'
import type { RegistrySession, SessionQuestion } from './session.ts'

export interface PushProgress {
  /** After each blob. */
  readonly blob: (blob: ImageBlob, state: 'sent' | 'there') => void
}

/** What is there already stays, so that a push that failed goes on where it ended. */
export async function pushImage(
  session: RegistrySession,
  { manifests, blobs }: ImageParts,
  tag: string,
  progress: PushProgress,
): Promise<Result<null, RegistryFailure>> {
  for (const blob of blobs) {
    const pushed = await pushBlob(session, blob)
    if (!pushed.ok) return pushed
    progress.blob(blob, pushed.value)
  }
  for (const manifest of manifests) {
    const isLast = manifest === manifests.at(-1)
    const pushed = await pushManifest(session, manifest, isLast ? tag : manifest.digest)
    if (!pushed.ok) return pushed
  }
  const image = manifests.at(-1)
  return image === undefined ? ok(null) : await proveTag(session, image, tag)
}

/** In one request, as all registries take it. */
export async function pushBlob(
  session: RegistrySession,
  blob: ImageBlob,
): Promise<Result<'sent' | 'there', RegistryFailure>> {
  const about = `layer ${blob.digest.slice(0, 19)}…`
  const head = await session.ask({
    ...{ method: 'HEAD', path: `blobs/${blob.digest}` },
    ...{ about, expects: [200, 404] },
  })
  if (!head.ok) return head
  if (head.value.status === 200) return ok('there')
  const begun = await session.ask({
    ...{ method: 'POST', path: 'blobs/uploads/', body: nothing },
    ...{ about, expects: [202] },
  })
  if (!begun.ok) return begun
  const place = session.placeOf(begun.value.headers.get('location') ?? '')
  if (place === null) return fail(oddly(session, 'names no place where a layer may be sent'))
  place.searchParams.set('digest', blob.digest)
  const headers = { 'content-type': 'application/octet-stream' }
  const put: SessionQuestion = {
    ...{ method: 'PUT', path: place, headers, body: blob },
    ...{ about, expects: [201] },
  }
  const stored = await session.ask(put)
  return stored.ok ? ok('sent') : stored
}

const nothing = {
  sizeBytes: 0,
  async *open(): AsyncIterable<Uint8Array> {},
}

/** `name`: a tag, or its own digest. */
export async function pushManifest(
  session: RegistrySession,
  { digest, mediaType, bytes }: ImageManifest,
  name: string,
): Promise<Result<null, RegistryFailure>> {
  const stored = await session.ask({
    method: 'PUT',
    path: `manifests/${name}`,
    headers: { 'content-type': mediaType },
    body: { sizeBytes: bytes.byteLength, open: () => contentOf(bytes) },
    about: `manifest ${name}`,
    expects: [201],
  })
  if (!stored.ok) return stored
  const said = stored.value.headers.get('docker-content-digest')
  if (said === null || said === digest) return ok(null)
  return fail(oddly(session, `says ${printable(said, 80)} to ${digest}`))
}

/** Devices pull by digest: what the tag means now must be what was sent. */
async function proveTag(
  session: RegistrySession,
  { digest, mediaType }: ImageManifest,
  tag: string,
): Promise<Result<null, RegistryFailure>> {
  const read = await session.read({
    ...{ path: `manifests/${tag}`, headers: { accept: mediaType } },
    ...{ about: `manifest ${tag}`, maxBytes: 4 * 1024 * 1024 },
  })
  if (!read.ok) return read
  const is = read.value && `sha256:${createHash('sha256').update(read.value).digest('hex')}`
  if (is === digest) return ok(null)
  return fail(oddly(session, `has something else than ${digest} under ${tag} after the push`))
}

async function* contentOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

function oddly({ reference }: RegistrySession, what: string): RegistryFailure {
  return { code: 'protocol', detail: `${reference.registry} ${what}` }
}
