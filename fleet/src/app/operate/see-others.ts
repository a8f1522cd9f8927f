/** What is changed without a plan is looked at first: whether somebody else has just been there. */
import { mapBounded } from '@timeball/lib/pool.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Reachable } from '../../core/device/device.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { Observed } from '../../core/plan/observed.ts'
import { atWorkElsewhere, changedElsewhere } from '../../core/rollout/elsewhere.ts'
import { observeDevice } from '../link.ts'
import { reachOf, type Outside, type Run } from '../outside.ts'
import type { Refusal } from './refusal.ts'

export interface Looking {
  readonly fleet: Fleet
  readonly outside: Outside
  readonly run: Pick<Run, 'stop' | 'abort'>
  /** Of our own state directory. */
  readonly origin: string
  /** Nobody is looked for. */
  readonly allowOtherState: boolean
}

/** Devices that another state directory changed lately, and how many seconds ago. */
export type ByOthers = ReadonlyMap<string, number>

/** A device that does not answer says nothing of others; whoever goes there finds out. */
export async function seeOthers(
  devices: readonly Reachable[],
  { fleet, outside, run, origin, allowOtherState }: Looking,
): Promise<Result<ByOthers, Refusal>> {
  if (allowOtherState) return ok(new Map())
  const reach = reachOf(fleet, outside, run.abort)
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  const looks = mapBounded(devices, pool, (device) =>
    observeDevice(device, { device: device.name, resources: [] }, reach),
  )
  const seen = new Map<string, Observed>()
  for await (const { item, value } of looks) if (value.ok) seen.set(item.name, value.value)
  const atWork = atWorkElsewhere(seen, origin)
  return atWork === null
    ? ok(changedElsewhere(seen, origin))
    : fail({ kind: 'elsewhere', ...atWork })
}
