/** What a rollout works with: the fleet as its files say, and what each device should become. */
import type { DesiredState } from '../../core/desired/resource.ts'
import type { Device } from '../../core/device/device.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { PlanPolicy } from '../../core/plan/plan-device.ts'
import type { Epochs } from '../../core/rollout/epoch.ts'
import type { Started } from '../../core/rollout/event.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import { errorsPerMinute } from './errors-before.ts'
import { openLink, type Link, type Sighting } from '../link.ts'
import { reachOf, type Outside } from '../outside.ts'

export interface RolloutTarget {
  readonly fleet: Fleet
  readonly started: Started
  /** All of the waves that the fleet has, by name. */
  readonly devices: ReadonlyMap<string, TargetDevice>
  readonly outside: Outside
  /** What each sweep measures is kept, and canaries are compared by it. */
  readonly samples: SampleStore
  readonly policy: PlanPolicy
  readonly epochs: Epochs
  /** Unix ms that never runs backwards while this process runs. */
  readonly nowMs: () => number
}

export interface TargetDevice {
  readonly device: Device
  readonly state: DesiredState
}

/** Another controller has the fleet: nothing more may be done by this one. */
export class TakenOverError extends Error {}

/** A device of a rollout, to be changed. */
export interface DeviceInHand extends TargetDevice {
  readonly link: Link
  /** Looks at it before it is changed. */
  look(): Promise<Sighting>
  /** The same, once nothing is at work on it any more that a lost controller, or its own timer, began. */
  lookWhenIdle(): Promise<Sighting>
  /** Errors that its time server writes now; `null`: nobody can tell. */
  errorsPerMinute(): Promise<number | null>
}

export const gone = 'it is not in the inventory any more'

/** `null`: a device that moved may have left the inventory since; it is named, and stops nothing. */
export function takeInHand(
  name: string,
  target: RolloutTarget,
  abort: AbortSignal,
): DeviceInHand | null {
  const found = target.devices.get(name)
  if (found === undefined) return null
  const link = openLink(found.device, reachOf(target.fleet, target.outside, abort), {
    epoch: () => target.epochs.of(name),
    origin: target.epochs.origin,
    confirmMs: target.started.settings.confirm_timeout,
  })
  const known = (seen: Sighting): Sighting => {
    if (!seen.ok) return seen
    const epoch = target.epochs.seen(name, seen.value.epoch)
    return epoch.ok ? seen : epoch
  }
  return {
    ...found,
    link,
    look: async () => known(await link.observe(found.state)),
    lookWhenIdle: async () => known(await link.observeWhenIdle(found.state)),
    errorsPerMinute: () => errorsPerMinute(found.state, link),
  }
}

/** Throws for a device that is not there: who moves forward has checked that before. */
export function deviceOf({ devices }: RolloutTarget, name: string): TargetDevice {
  const found = devices.get(name)
  if (found === undefined) throw new Error(`${name}: ${gone}`)
  return found
}
