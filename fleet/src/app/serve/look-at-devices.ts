/** Looks at all devices over the engine: which are reached, and which differ from what they should be. */
import { deviceCheck } from '../../core/controller/device-check.ts'
import type { DeviceCheck } from '../../core/controller/view.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import { observeAll } from '../plan-fleet.ts'
import type { Outside } from '../outside.ts'
import { prepare } from '../prepare.ts'

export interface Looking {
  readonly outside: Outside
  /** Cuts the look off; it changes nothing on the devices. */
  readonly signal: AbortSignal
  /** What must not appear in any output from now on. */
  readonly hide: (secrets: readonly Secret[]) => void
}

/**
 * In the order of the fleet. A device that answers too late counts as not reached; those whose turn
 * never came are missing.
 */
export async function lookAtDevices(
  fleet: Fleet,
  { outside, signal, hide }: Looking,
): Promise<readonly DeviceCheck[]> {
  const prepared = await prepare(fleet, fleet.devices, outside, { mode: 'look', signal })
  if (!prepared.ok) return []
  const { image, states, secrets, incomplete } = prepared.value
  hide(secrets)
  const run = { stop: signal, abort: signal, emit() {} }
  const sightings = await observeAll(prepared.value, outside, run)
  return fleet.devices.flatMap(({ name }) => {
    const sighting = sightings.get(name)
    const state = incomplete === null ? (states.get(name) ?? null) : null
    return sighting === undefined ? [] : [deviceCheck(name, sighting, { image, state })]
  })
}
