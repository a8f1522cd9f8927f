/** What a name means among the images beside the fleet. */
import { carriedRegistry } from '../core/desired/carried-image.ts'
import { formatImageReference, parseImageReference } from '../core/desired/image-reference.ts'
import type { Failure } from '../core/failure.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Layout } from '../stores/images/layout.ts'

/**
 * `localhost/name@sha256:…` for an image that devices get from here; `null`: it is in a registry. Also
 * the name of a registry is carried once an image was built under it.
 */
export async function resolveCarried(
  ref: string,
  signatureKeys: readonly string[],
  layout: Layout,
): Promise<Result<string, Failure> | null> {
  const parsed = parseImageReference(ref)
  if (!parsed.ok) return null
  const { registry, repository, tag, digest } = parsed.value
  const named = formatImageReference({ ...parsed.value, tag: tag ?? 'latest', digest: null })
  // What a registry has under its own name stays what it is, on devices too.
  if (registry !== carriedRegistry && digest !== null) return null
  // A digest is not looked for: devices may have it, when it is not kept here any more.
  const found = digest ?? (await layout.find(named))
  if (found === null) return registry === carriedRegistry ? refused(missing(layout)) : null
  if (signatureKeys.length > 0) return refused(unsigned)
  const path = registry === carriedRegistry ? repository : (repository.split('/').at(-1) ?? '')
  return ok(
    formatImageReference({ registry: carriedRegistry, repository: path, tag: null, digest: found }),
  )
}

function missing({ folder }: Layout): string {
  return `it is not in ${folder}`
}

const unsigned =
  'signature_keys are asked of images in a registry: push it there and sign it, or leave them out'

function refused(detail: string): Result<string, Failure> {
  return fail({ code: 'image-failed', detail })
}
