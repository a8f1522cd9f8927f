/** What an image says of itself: one that is kept beside the fleet, or one in a registry. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { carriedRegistry } from '../core/desired/carried-image.ts'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../core/desired/image-reference.ts'
import type { SignerSettings } from '../core/desired/settings.ts'
import type { DescribedImage, DescribeOrder, RegistryRefusal } from '../ports/images.ts'
import { readImage } from '../probes/images/read-image.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import type { Read } from '../probes/signatures/signature.ts'
import { isTrusting, readTrust, type Trust } from '../probes/signatures/trust.ts'
import type { Layout } from '../stores/images/layout.ts'
import { findManifest, openRepository } from './remote-image.ts'
import { readTrustFiles } from './resolve-image.ts'

const silenceMs = 30_000
export async function describeImage(
  order: DescribeOrder,
  layout: Layout,
): Promise<Result<DescribedImage, RegistryRefusal>> {
  const parsed = parseImageReference(order.ref)
  if (!parsed.ok) return refused(parsed.failure)
  const trust = await trustOf(order.signers)
  if (!trust.ok) return trust
  const tag = parsed.value.digest === null ? (parsed.value.tag ?? 'latest') : parsed.value.tag
  const reference = { ...parsed.value, tag }
  const kept = await layout.find(formatImageReference(reference))
  if (kept !== null) {
    const others = isTrusting(trust.value) ? await besideKept(kept, order, layout) : null
    const source: Source = { digest: kept, place: 'kept', read: here(layout, others) }
    return await described(reference, source, trust.value)
  }
  if (reference.registry === carriedRegistry) return refused(`${layout.folder} has no ${order.ref}`)
  const { read } = openRepository({ ...order, reference, actions: 'pull', silenceMs })
  const found = await findManifest(reference, read)
  if (!found.ok) return refused(found.failure.detail, found.failure.code)
  const source: Source = { digest: found.value.digest, place: 'registry', read }
  return await described(reference, source, trust.value)
}

interface Source {
  readonly digest: string
  readonly place: DescribedImage['place']
  readonly read: Read
}

async function described(
  reference: ImageReference,
  { digest, place, read }: Source,
  trust: Trust,
): Promise<Result<DescribedImage, RegistryRefusal>> {
  const facts = await readImage({ ...reference, digest }, read, trust)
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

async function trustOf(signers: SignerSettings): Promise<Result<Trust, RegistryRefusal>> {
  const files = await readTrustFiles(signers)
  if (!files.ok) return refused(files.failure)
  const trust = await readTrust(files.value)
  return trust.ok ? trust : refused(trust.failure)
}

function refused(
  detail: string,
  code?: RegistryFailure['code'],
): { readonly ok: false; readonly failure: RegistryRefusal } {
  return fail({ isDenied: code === 'unauthorized', detail })
}
