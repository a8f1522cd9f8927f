/** Gives devices the operation number of the fleet, where theirs is wrong. */
import type { Device } from '../core/device/device.ts'
import type { Failure } from '../core/failure.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import { elsewhereText } from '../core/rollout/elsewhere.ts'
import { openLink } from './link.ts'
import type { ByOthers } from './operate/see-others.ts'
import { reachOf, type Outside, type Run } from './outside.ts'

export interface Reseated {
  readonly device: string
  /** `null`: the device has the number now. */
  readonly failure: Failure | null
}

export interface Reseating {
  /** Of the lease of the fleet. */
  readonly epoch: number
  readonly origin: string
  /** Those are left alone. */
  readonly byOthers: ByOthers
}

/** One result for each device, in their order. */
export async function reseatDevices(
  fleet: Fleet,
  devices: readonly Device[],
  { epoch, origin, byOthers }: Reseating,
  { outside, run }: { readonly outside: Outside; readonly run: Run },
): Promise<readonly Reseated[]> {
  const failures = new Map<Device, Failure | null>()
  const reach = reachOf(fleet, outside, run.abort)
  const authority = { epoch: () => epoch, origin, confirmMs: fleet.settings.apply.confirm_timeout }
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  for (const device of devices) {
    const agoSeconds = byOthers.get(device.name)
    if (agoSeconds === undefined) continue
    failures.set(device, { code: 'other-state', detail: elsewhereText(agoSeconds) })
  }
  const meant = devices.filter((device) => !failures.has(device))
  const sent = mapBounded(meant, pool, (device) => openLink(device, reach, authority).reseat())
  for await (const { item, value } of sent) failures.set(item, value.ok ? null : value.failure)
  const notSent: Failure = { code: 'interrupted', detail: 'not asked' }
  return devices.map((device) => ({
    device: device.name,
    failure: failures.has(device) ? (failures.get(device) ?? null) : notSent,
  }))
}
