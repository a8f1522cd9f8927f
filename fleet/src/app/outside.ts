/** Everything that use cases need from outside, as one argument: tests give another world. */
import type { Applier } from '../core/bundle/applier.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { FleetEvent } from '../core/plan/event.ts'
import type { Engine, Lent, Target } from '../ports/engine.ts'
import type { Failure } from '../core/failure.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { SecretStore } from '../ports/secret-store.ts'
import type { World } from '../ports/world.ts'
import type { Reach } from './link.ts'

export interface Outside extends World {
  readonly engine: Engine
  /** The applier that goes into a bundle. */
  readonly applier: Applier
  readonly secrets: SecretStore
  /** Lets a device fetch the images that are kept beside the fleet, until the loan is ended. */
  readonly lendImages: (target: Target, signal: AbortSignal) => Promise<Result<Lent, Failure>>
}

/** How the devices of a fleet are reached. */
export function reachOf({ settings }: Fleet, outside: Outside, abort: AbortSignal): Reach {
  return { outside, timeoutMs: settings.ssh.timeout, abort }
}

export interface Run {
  /** No further device is started; what runs is finished. */
  readonly stop: AbortSignal
  /** What runs is cut off. */
  readonly abort: AbortSignal
  readonly emit: (event: FleetEvent) => void
  /** Devices are asked in full, whatever they remember of the last time. */
  readonly full?: boolean
}
