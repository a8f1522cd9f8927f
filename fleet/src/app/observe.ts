/** Looks at devices: one round trip each, side by side. */
import { observeManifest } from '../core/bundle/bundle.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Failure } from '../core/failure.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { Observed } from '../core/plan/observed.ts'
import type { Result } from '@timeball/lib/result.ts'
import { toObserved } from '../device/report.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import type { Outside, Run } from './outside.ts'
import type { Prepared } from './prepare.ts'
import { newOperation, send } from './send.ts'

export type Sighting = Result<Observed, Failure>

/** Devices that were not looked at before `run.stop` fired are missing from the map. */
export async function observeAll(
  prepared: Prepared,
  outside: Outside,
  run: Run,
): Promise<ReadonlyMap<string, Sighting>> {
  const { fleet, devices, states } = prepared
  const sightings = new Map<string, Sighting>()
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.stop }
  const looks = mapBounded(devices, pool, async (device): Promise<Sighting | null> => {
    const state = states.get(device.name)
    if (state === undefined) return null
    run.emit({ type: 'phase', device: device.name, phase: 'observing' })
    return await observeOne(fleet, { device, state }, outside, run)
  })
  for await (const { item, value } of looks) {
    if (value === null) continue
    sightings.set(item.name, value)
    const failure = value.ok ? null : value.failure
    run.emit({ type: 'observed', device: item.name, failure })
  }
  return sightings
}

interface Subject {
  readonly device: Device
  readonly state: DesiredState
  /** Errors in the container's log are counted from so long ago; left out: they are not. */
  readonly logSeconds?: number
}

export async function observeOne(
  fleet: Fleet,
  { device, state, logSeconds }: Subject,
  outside: Outside,
  run: Run,
): Promise<Sighting> {
  const operation = newOperation(outside, 0)
  const manifest = observeManifest(state, operation, logSeconds === undefined ? {} : { logSeconds })
  const report = await send(fleet, { device, operation, manifest }, outside, run)
  return report.ok ? toObserved(report.value) : report
}
