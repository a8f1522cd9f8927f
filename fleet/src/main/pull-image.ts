/** Keeps an image of a registry beside the fleet, from where devices get it without a login of theirs. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { formatImageReference } from '../core/desired/image-reference.ts'
import type { KeptImage } from '../core/desired/kept-image.ts'
import { megabytes } from '../core/megabytes.ts'
import { shortDigests } from '../core/short-digest.ts'
import type { PullOrder, RegistryRefusal } from '../ports/images.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import { jsonOf, type Read } from '../probes/signatures/signature.ts'
import { manifestSchema, type Descriptor, type Layout } from '../stores/images/layout.ts'
import { findManifest, openRepository } from './remote-image.ts'

/** For one part of it: a layer on a slow line. */
const silenceMs = 20 * 60_000
const mostBlobBytes = 1024 * 1024 * 1024

export async function pullImage(
  { reference, say, ...order }: PullOrder,
  layout: Layout,
): Promise<Result<KeptImage, RegistryRefusal>> {
  const options = { ...order, reference, actions: 'pull', silenceMs } as const
  const { read } = openRepository(options, mostBlobBytes)
  const image = await findManifest(reference, read)
  if (!image.ok) return refused(image.failure)
  const kept = await keepManifest(image.value.digest, { layout, read, say })
  if (!kept.ok) return refused(kept.failure)
  const name = formatImageReference({ ...reference, digest: null })
  const { digest, mediaType, size } = image.value
  await layout.name(name, { digest, mediaType, size }, Date.now())
  const listed = (await layout.list()).find((each) => each.name === name)
  return listed === undefined
    ? fail({ isDenied: false, detail: `${name} was not kept` })
    : ok(listed)
}

interface Pulling {
  readonly layout: Layout
  readonly read: Read
  readonly say: PullOrder['say']
}

/** What it names first, so that what is kept is whole. */
async function keepManifest(
  digest: string,
  pulling: Pulling,
): Promise<Result<null, RegistryFailure>> {
  const bytes = await readPart(digest, 'manifests', pulling)
  if (!bytes.ok) return bytes
  const parsed = manifestSchema.safeParse(jsonOf(bytes.value))
  if (!parsed.success) {
    return fail({ code: 'protocol', detail: `${digest} is no part of an image` })
  }
  const { manifests, config, layers } = parsed.data
  for (const below of manifests) {
    const kept = await keepManifest(below.digest, pulling)
    if (!kept.ok) return kept
  }
  for (const part of [...(config === undefined ? [] : [config]), ...layers]) {
    const kept = await keepBlob(part, pulling)
    if (!kept.ok) return kept
  }
  await pulling.layout.blobs.put(bytes.value)
  return ok(null)
}

async function keepBlob(
  { digest, size }: Descriptor,
  pulling: Pulling,
): Promise<Result<null, RegistryFailure>> {
  const { layout, say } = pulling
  const what = `${shortDigests(digest)}  ${megabytes(size)}`
  if (await layout.blobs.has(digest)) {
    say(`${what}  is there`)
    return ok(null)
  }
  const bytes = await readPart(digest, 'blobs', pulling)
  if (!bytes.ok) return bytes
  await layout.blobs.put(bytes.value)
  say(`${what}  fetched`)
  return ok(null)
}

async function readPart(
  digest: string,
  kind: 'manifests' | 'blobs',
  { read }: Pulling,
): Promise<Result<Uint8Array, RegistryFailure>> {
  const bytes = await read(kind, digest)
  if (!bytes.ok) return bytes
  if (bytes.value !== null) return ok(bytes.value)
  return fail({ code: 'not-found', detail: `the registry has no ${digest}` })
}

function refused({ code, detail }: RegistryFailure): {
  readonly ok: false
  readonly failure: RegistryRefusal
} {
  return fail({ isDenied: code === 'unauthorized', detail })
}
