/** What an image says of itself: one that is kept beside the fleet, or one in a registry. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { carriedRegistry } from '../core/desired/carried-image.ts'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../core/desired/image-reference.ts'
import type { DescribedImage, DescribeOrder, RegistryRefusal } from '../ports/images.ts'
import { readImage } from '../probes/images/read-image.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import type { Read } from '../probes/signatures/signature.ts'
import { trustedKeys, type TrustedKey } from '../probes/signatures/verify-signature.ts'
import type { Layout } from '../stores/images/layout.ts'
import { findManifest, openRepository } from './remote-image.ts'
import { readKeys } from './resolve-image.ts'

const silenceMs = 30_000
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
  if (kept !== null) {
    const others = keys.value.length === 0 ? null : await besideKept(kept, order, layout)
    const source: Source = { digest: kept, place: 'kept', read: here(layout, others) }
    return await described(reference, source, keys.value)
  }
  if (reference.registry === carriedRegistry) return refused(`${layout.folder} has no ${order.ref}`)
  const { read } = openRepository({ ...order, reference, actions: 'pull', silenceMs })
  const found = await findManifest(reference, read)
  if (!found.ok) return refused(found.failure.detail, found.failure.code)
  const source: Source = { digest: found.value.digest, place: 'registry', read }
  return await described(reference, source, keys.value)
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

/** `others`: where signatures are asked for; `null`: nobody refers to an image that is only kept. */
function here(layout: Layout, others: Read | null): Read {
  const isDigest = /^sha256:[0-9a-f]{64}$/
  return async (kind, name) => {
    const isHere = kind !== 'referrers' && isDigest.test(name) && (await layout.blobs.has(name))
    if (isHere) return ok(await layout.blobs.read(name))
    return others === null ? ok(null) : await others(kind, name)
  }
}

/** The registry under whose name it is kept, as a plan asks it; `null`: under none. */
async function besideKept(
  digest: string,
  order: DescribeOrder,
  layout: Layout,
): Promise<Read | null> {
  for (const kept of await layout.list()) {
    const parsed = kept.digest === digest ? parseImageReference(kept.name) : null
    if (parsed === null || !parsed.ok || parsed.value.registry === carriedRegistry) continue
    const reference = parsed.value
    return openRepository({ ...order, reference, actions: 'pull', silenceMs }).read
  }
  return null
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
