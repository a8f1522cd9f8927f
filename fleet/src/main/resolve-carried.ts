/** What a name means among the images beside the fleet. */
import { carriedRegistry } from '../core/desired/carried-image.ts'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../core/desired/image-reference.ts'
import type { Failure } from '../core/failure.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Layout } from '../stores/images/layout.ts'

/** Whether a key of the fleet has signed `name@sha256:…`, asked of its registry. */
export type Prove = (image: string) => Promise<Result<string, Failure>>

/**
 * `localhost/name@sha256:…` for an image that devices get from here; `null`: it is in a registry. Also
 * the name of a registry is carried once an image was built under it, or pulled. With `prove` only
 * what is signed is carried, and that is asked of the registry under whose name it is kept.
 */
export async function resolveCarried(
  ref: string,
  prove: Prove | null,
  layout: Layout,
): Promise<Result<string, Failure> | null> {
  const parsed = parseImageReference(ref)
  if (!parsed.ok) return null
  const { registry, tag, digest } = parsed.value
  const named = formatImageReference({ ...parsed.value, tag: tag ?? 'latest', digest: null })
  // What a registry has under its own name stays what it is, on devices too.
  if (registry !== carriedRegistry && digest !== null) return null
  // A digest is not looked for: devices may have it, when it is not kept here any more.
  const found = digest ?? (await layout.find(named))
  if (found === null) return registry === carriedRegistry ? refused(missing(layout)) : null
  const proved = prove === null ? null : await proveKept(found, prove, layout)
  if (proved !== null && !proved.ok) return proved
  return ok(carriedName(parsed.value, found))
}

function carriedName({ registry, repository }: ImageReference, digest: string): string {
  const path = registry === carriedRegistry ? repository : (repository.split('/').at(-1) ?? '')
  return formatImageReference({ registry: carriedRegistry, repository: path, tag: null, digest })
}

/** Of any registry that has it, since it is the same image. */
async function proveKept(
  digest: string,
  prove: Prove,
  layout: Layout,
): Promise<Result<string, Failure>> {
  const names = (await layout.list()).flatMap((kept) => (kept.digest === digest ? kept.name : []))
  const places = names.flatMap((name) => {
    const parsed = parseImageReference(name)
    return parsed.ok && parsed.value.registry !== carriedRegistry ? [parsed.value] : []
  })
  const [place] = places
  if (place === undefined) return refused(unsigned)
  return await prove(formatImageReference({ ...place, tag: null, digest }))
}

function missing({ folder }: Layout): string {
  return `it is not in ${folder}`
}

const unsigned =
  'signature_keys are asked of a registry: timeball image push, image sign and image pull, or leave them out'

function refused(detail: string): Result<string, Failure> {
  return fail({ code: 'image-failed', detail })
}
