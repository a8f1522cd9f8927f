/** The images beside a fleet, made with the operator's Docker. */
import { join } from 'node:path'
import type { LoadedFleet } from '../cli/context.ts'
import { withRegistry } from '../core/desired/carried-image.ts'
import { formatImageReference, parseImageReference } from '../core/desired/image-reference.ts'
import type { SshPlace } from '../engines/ssh/ssh-options.ts'
import type { Images } from '../ports/images.ts'
import { openLayout } from '../stores/images/layout.ts'
import { buildImage } from './build-image.ts'
import { describeImage } from './describe-image.ts'
import { pullImage } from './pull-image.ts'
import { pushKept } from './push-kept.ts'
import { signInRegistry } from './sign-image.ts'
import type { KeptForTrial } from './load-kept.ts'
import { imagesFolder } from './images-folder.ts'

export function openImages({ fleet, stateFolder }: LoadedFleet): Images {
  const layout = openLayout(join(stateFolder, imagesFolder))
  const place: SshPlace = {
    settings: fleet.settings,
    ...{ stateFolder, runtimeFolder: process.env['XDG_RUNTIME_DIR'] ?? null, hostKeys: 'strict' },
  }
  return {
    folder: layout.folder,
    list: () => layout.list(),
    prune: (keep) => layout.prune(keep),
    build: (order) => buildImage(order, layout, place),
    describe: (order) => describeImage(order, layout),
    pull: (order) => pullImage(order, layout),
    sign: signInRegistry,
    push: (order) => pushKept(order, layout),
  }
}

/** `null`: it is not kept here. */
export async function keptForTrial(
  { stateFolder }: LoadedFleet,
  ref: string,
): Promise<KeptForTrial | null> {
  const parsed = parseImageReference(withRegistry(ref))
  if (!parsed.ok || parsed.value.digest !== null) return null
  const layout = openLayout(join(stateFolder, imagesFolder))
  const name = formatImageReference({ ...parsed.value, tag: parsed.value.tag ?? 'latest' })
  const digest = await layout.find(name)
  return digest === null ? null : { layout, digest }
}
