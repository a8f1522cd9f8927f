/** What one check of a device tells: can it be reached, is it up to date, which image does it run. */
import type { DesiredState } from '../desired/resource.ts'
import type { Failure } from '../failure.ts'
import type { Observed } from '../plan/observed.ts'
import { driftOf, planDevice } from '../plan/plan-device.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceCheck } from './view.ts'

export interface Wanted {
  /** By digest; by tag while the registry is away, and then nobody can say what is outdated. */
  readonly image: string
  /** `null`: not wholly known, as without the keys; then nobody can say what has drifted. */
  readonly state: DesiredState | null
}

export function deviceCheck(
  device: string,
  sighting: Result<Observed, Failure>,
  { image, state }: Wanted,
): DeviceCheck {
  if (!sighting.ok) {
    // It answers, and is busy.
    const isReachable = sighting.failure.code === 'locked'
    return { device, isReachable, drift: null, isOutdated: null, image: null }
  }
  const observed = sighting.value
  const running = [...observed.containers.values()][0]?.imageId ?? null
  const wanted = observed.images.get(image) ?? null
  const isWanted = running !== null && running === wanted
  return {
    device,
    isReachable: true,
    drift: state === null ? null : driftOf(planDevice(state, observed, { reboot: 'never' })),
    isOutdated: image.includes('@') && running !== null ? !isWanted : null,
    image: isWanted ? image : running,
  }
}
