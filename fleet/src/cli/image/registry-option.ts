/** Names of images that are in a registry, and how it is spoken to. */
import { carriedRegistry, withRegistry } from '../../core/desired/carried-image.ts'
import { parseImageReference, type ImageReference } from '../../core/desired/image-reference.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ExitCode } from '../../api/exit-codes.ts'
import type { Images } from '../../ports/images.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse } from '../problems.ts'

/** With a tag, unless it has a digest. */
export function registryReference(text: string): Result<ImageReference, Problem> {
  const parsed = parseImageReference(withRegistry(text))
  if (!parsed.ok) return fail(wrong(parsed.failure, null))
  const { registry, tag, digest } = parsed.value
  if (registry === carriedRegistry) {
    return fail(wrong(`${carriedRegistry}/ is in no registry`, 'Say REGISTRY/NAME:TAG'))
  }
  return ok({ ...parsed.value, tag: tag ?? (digest === null ? 'latest' : null) })
}

/** A registry that the fleet uses is spoken to as the fleet does. */
export function isPlain(
  image: { readonly ref: string; readonly plain_http: boolean },
  { registry }: ImageReference,
): boolean {
  const used = parseImageReference(image.ref)
  return image.plain_http && used.ok && used.value.registry === registry
}

export interface RegistrySide {
  readonly image: LoadedFleet['fleet']['settings']['image']
  readonly images: Images
}

/** The images of the fleet, from where its registry is reached, as a plan does. The failure has been told. */
export async function openForRegistry(
  context: Context,
  options: FleetOptions,
): Promise<Result<RegistrySide, ExitCode>> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(terminal, loaded.failure))
  const obstacle = context.enterNetwork(loaded.value)
  if (obstacle !== null) return fail(refuse(terminal, [obstacle]))
  const images = await context.openImages(loaded.value)
  return ok({ image: loaded.value.fleet.settings.image, images })
}

export function wrong(what: string, fix: string | null): Problem {
  return { file: '(command line)', line: null, column: null, what, fix }
}
