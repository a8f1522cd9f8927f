/** What an image says of itself: one that is kept beside the fleet, or one in a registry. */
import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { carriedRegistry } from '../core/desired/carried-image.ts'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../core/desired/image-reference.ts'
import type { DescribedImage, DescribeOrder, RegistryRefusal } from '../ports/images.ts'
import { readImage } from '../probes/images/read-image.ts'
import { openSession } from '../probes/images/session.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import { manifestTypes, proved, type Read } from '../probes/signatures/signature.ts'
import { trustedKeys, type TrustedKey } from '../probes/signatures/verify-signature.ts'
import type { Layout } from '../stores/images/layout.ts'
import { dockerLogin } from './docker-login.ts'
import { readKeys } from './resolve-image.ts'

const silenceMs = 30_000
/** An SBOM of Debian has a few MB. */
const maxBytes = { manifests: 4 * 1024 * 1024, referrers: 4 * 1024 * 1024, blobs: 32 * 1024 * 1024 }

export async function describeImage(
  order: DescribeOrder,
  layout: Layout,
): Promise<Result<DescribedImage, RegistryRefusal>> {
  const parsed = parseImageReference(order.ref)
  if (!parsed.ok) return refused(parsed.failure)
  const keys = await keysOf(order.keys)
  if (!keys.ok) return keys
  const tag = parsed.value.digest === null ? (parsed.value.tag ?? 'latest') : parsed.value.tag
  const reference = { ...parsed.value, tag }
  const kept = await layout.find(formatImageReference(reference))
  if (kept !== null)
    return await described(reference, { digest: kept, ...here(layout) }, keys.value)
  const { registry, digest } = reference
  if (registry === carriedRegistry) return refused(`${layout.folder} has no ${order.ref}`)
  const read = there(reference, order)
  const found = digest === null ? await digestOf(reference, read) : ok(digest)
  if (!found.ok) return refused(found.failure.detail, found.failure.code)
  return await described(reference, { digest: found.value, place: 'registry', read }, keys.value)
}

interface Source {
  readonly digest: string
  readonly place: DescribedImage['place']
  readonly read: Read
}

async function described(
  reference: ImageReference,
  { digest, place, read }: Source,
  keys: readonly TrustedKey[],
): Promise<Result<DescribedImage, RegistryRefusal>> {
  const facts = await readImage({ ...reference, digest }, read, keys)
  if (!facts.ok) return refused(facts.failure.detail, facts.failure.code)
  return ok({ name: formatImageReference(reference), place, facts: facts.value })
}

/** Nobody refers to an image that is only kept. */
function here(layout: Layout): Pick<Source, 'place' | 'read'> {
  const isDigest = /^sha256:[0-9a-f]{64}$/
  return {
    place: 'kept',
    read: async (kind, name) =>
      ok(
        kind === 'referrers' || !isDigest.test(name) || !(await layout.blobs.has(name))
          ? null
          : await layout.blobs.read(name),
      ),
  }
}

function there(reference: ImageReference, { plainHttp, signal }: DescribeOrder): Read {
  const session = openSession({
    ...{ reference, plainHttp, actions: 'pull', silenceMs, signal },
    login: (registry) => dockerLogin(registry, process.env),
  })
  return proved(reference, (kind, name) =>
    session.read({
      path: `${kind}/${name}`,
      headers: { accept: kind === 'blobs' ? '*/*' : manifestTypes },
      about: `${kind === 'blobs' ? 'blob' : 'manifest'} ${name}`,
      maxBytes: maxBytes[kind],
    }),
  )
}

/** Of what was sent, whatever the registry says that it is. */
async function digestOf(
  { registry, repository, tag }: ImageReference,
  read: Read,
): Promise<Result<string, RegistryFailure>> {
  const name = tag ?? 'latest'
  const manifest = await read('manifests', name)
  if (!manifest.ok) return manifest
  if (manifest.value !== null) {
    return ok(`sha256:${createHash('sha256').update(manifest.value).digest('hex')}`)
  }
  return fail({ code: 'not-found', detail: `there is no ${registry}/${repository}:${name}` })
}

async function keysOf(
  files: readonly string[],
): Promise<Result<readonly TrustedKey[], RegistryRefusal>> {
  const keys = await readKeys(files)
  if (!keys.ok) return refused(keys.failure)
  const trusted = trustedKeys(keys.value)
  return trusted.ok ? trusted : refused(trusted.failure.detail)
}

function refused(
  detail: string,
  code?: RegistryFailure['code'],
): { readonly ok: false; readonly failure: RegistryRefusal } {
  return fail({ isDenied: code === 'unauthorized', detail })
}
