/** What a rollout works with: the fleet as its files say, and what each device should become. */
import type { DesiredState } from '../../core/desired/resource.ts'
import type { Device } from '../../core/device/device.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { Epochs } from '../../core/rollout/epoch.ts'
import type { Started } from '../../core/rollout/event.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import type { PlanPolicy } from '../../core/plan/plan-device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/plan/observed.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import { observeOne } from '../observe.ts'
import type { Outside, Run } from '../outside.ts'

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
  /** Unix ms that never goes back while this process runs. */
  readonly nowMs: () => number
}

export interface TargetDevice {
  readonly device: Device
  readonly state: DesiredState
}

/** Looks at a device before it is changed. */
export async function lookAt(
  name: string,
  target: RolloutTarget,
  run: Run,
): Promise<Result<Observed, Failure>> {
  const subject = findDevice(target, name)
  if (subject === null) return fail({ code: 'unreachable', detail: gone })
  const seen = await observeOne(target.fleet, subject, target.outside, run)
  if (!seen.ok) return seen
  const epoch = target.epochs.seen(name, seen.value.epoch)
  return epoch.ok ? seen : epoch
}

export const gone = 'it is not in the inventory any more'

/** `null`: a device that moved may have left the inventory since; it is named, and stops nothing. */
export function findDevice({ devices }: RolloutTarget, name: string): TargetDevice | null {
  return devices.get(name) ?? null
}

/** Throws for a device that is not there: who moves forward has checked that before. */
export function deviceOf(target: RolloutTarget, name: string): TargetDevice {
  const found = findDevice(target, name)
  if (found === null) throw new Error(`${name}: ${gone}`)
  return found
}
