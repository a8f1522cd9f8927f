/** Which images devices run now. */
import { imageOfCompose } from '../desired/compose-file.ts'
import { composePath } from '../desired/paths.ts'
import type { Observed } from './observed.ts'

/** By digest, from the Compose files; a device without one of ours runs none. */
export function runningImages(seen: Iterable<Observed>): ReadonlySet<string> {
  const images = [...seen].map(({ files }) => files.get(composePath)?.content ?? '')
  return new Set(images.flatMap((text) => imageOfCompose(text) ?? []))
}
