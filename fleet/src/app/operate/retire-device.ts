/** A device that left the inventory: its server is stopped, its keys are taken away, it is forgotten. */
import { leftDevices, followersOf } from '../../core/device/left-devices.ts'
import type { Reachable } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { QuorumNow } from '../../core/rollout/planning/quorum-now.ts'
import { quorumOf } from '../../core/controller/quorum.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { KnownDevices, RolloutStore } from '../../ports/rollout-store.ts'
import { openLink } from '../link.ts'
import { reachOf, type Outside } from '../outside.ts'
import { sweepClocks } from '../sweep-clocks.ts'

export type RetireRefusal =
  /** No device of this name was ever changed from here. `known`: those that could be retired. */
  | { readonly kind: 'unknown'; readonly known: readonly string[] }
  | { readonly kind: 'in-inventory' }
  | { readonly kind: 'followed'; readonly followers: readonly string[]; readonly address: string }

/** Who may be retired: what the files of the fleet do not need any more. */
export async function findRetired(
  name: string,
  { devices }: Fleet,
  store: Pick<KnownDevices, 'known'>,
): Promise<Result<Reachable, RetireRefusal>> {
  if (devices.some((device) => device.name === name)) return fail({ kind: 'in-inventory' })
  const known = await store.known()
  const found = known.find((device) => device.name === name)
  if (found === undefined) {
    return fail({ kind: 'unknown', known: leftDevices(known, devices).map((each) => each.name) })
  }
  const followers = followersOf(found, devices).map((device) => device.name)
  if (followers.length === 0) return ok(found)
  return fail({ kind: 'followed', followers, address: found.address })
}

/** Sets that have too few good servers without it; measured now. */
export async function setsWithout(
  fleet: Fleet,
  outside: Outside,
  abort: AbortSignal,
): Promise<readonly QuorumNow[]> {
  const sweep = await sweepClocks(fleet, outside, null, abort)
  return quorumOf(fleet, sweep).filter(({ verdict }) => verdict === 'broken')
}

export interface Retirement {
  readonly fleet: Fleet
  readonly outside: Outside
  readonly store: KnownDevices & Pick<RolloutStore, 'origin'>
  /** Of the lease of the fleet. */
  readonly epoch: number
  readonly abort: AbortSignal
}

/** `null`: it is done, and forgotten. One that only got another name is forgotten alone. */
export async function retireDevice(
  device: Reachable,
  { fleet, outside, store, epoch, abort }: Retirement,
): Promise<Failure | null> {
  if (leftDevices([device], fleet.devices).length > 0) {
    const { confirm_timeout: confirmMs } = fleet.settings.apply
    const authority = { epoch: () => epoch, origin: store.origin, confirmMs }
    const done = await openLink(device, reachOf(fleet, outside, abort), authority).retire()
    if (!done.ok) return done.failure
  }
  await store.forget(device.name)
  return null
}
