/** All that use cases need from outside, from the registries and the real world. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Outside } from '../app/outside.ts'
import { wantsSignature } from '../core/desired/settings.ts'
import type { Settings } from '../core/settings/settings.ts'
import { sparingStrangers, type StrangersMemory } from '../app/spare-strangers.ts'
import { openEngine } from '../engines/registry.ts'
import type { SecretStore } from '../ports/secret-store.ts'
import type { Environment } from '../stores/registry.ts'
import { openLayout } from '../stores/images/layout.ts'
import { readApplier } from './applier.ts'
import { imagesFolder } from './images-folder.ts'
import { imageLender } from './lend-images.ts'
import { openWorld } from './world.ts'
import { resolveCarried, type Prove } from './resolve-carried.ts'

export interface OutsideOptions {
  readonly settings: Settings
  /** `.timeball/` of the fleet. */
  readonly stateFolder: string
  readonly environment: Environment
  readonly secrets: SecretStore
  readonly hostKeys: 'strict' | 'accept-new'
  /** Of the fleet, as on the command line. */
  readonly inventories: readonly string[]
  readonly vaultPasswordFiles: readonly string[]
  readonly strangers: StrangersMemory
  readonly standings: Outside['standings']
}

export async function openOutside(options: OutsideOptions): Promise<Outside> {
  const { settings, environment } = options
  const runtimeFolder = environment['XDG_RUNTIME_DIR'] ?? null
  const enginesFolder = fileURLToPath(new URL('../engines', import.meta.url))
  const world = openWorld(settings, options.secrets)
  const engine = await openEngine(settings.engine, { ...options, runtimeFolder, enginesFolder })
  const layout = openLayout(join(options.stateFolder, imagesFolder))
  return {
    ...world,
    async resolveImage(ref, plainHttp, signal) {
      const prove: Prove = (image) => world.resolveImage(image, plainHttp, signal)
      const isProved = wantsSignature(settings.image)
      const carried = await resolveCarried(ref, isProved ? prove : null, layout)
      return carried ?? (await world.resolveImage(ref, plainHttp, signal))
    },
    lendImages: imageLender(engine, layout, settings.ssh.carry_bandwidth),
    standings: options.standings,
    sweepClocks: sparingStrangers(world, options.strangers),
    applier: await readApplier(),
    engine,
    secrets: options.secrets,
  }
}
