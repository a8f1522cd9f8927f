/** `drift`: what of a device differs from what it should be, and whose doing that is. */
import type { Change, DevicePlan } from '../plan/change.ts'
import type { Observed } from '../plan/observed.ts'

/**
 * - `device`: it was changed there after the last apply
 * - `fleet`: the files of the fleet say something else since the last apply
 * - `new`: nothing was ever applied
 * - `unattended`: the device upgraded packages by itself
 */
export type DriftCause = 'device' | 'fleet' | 'new' | 'unattended'

export interface Drift {
  readonly device: string
  readonly resource: string
  /** Printable, such as `differs` or `it is inactive`. */
  readonly what: string
  readonly cause: DriftCause
  /** Unix time in milliseconds, by the clock of the device; `null`: it does not tell. */
  readonly sinceUnixMs: number | null
}

/** `digest`: content address of what the device should be. `since`: by resource. */
export function driftsOf(
  plan: DevicePlan,
  { generation, state }: Pick<Observed, 'generation' | 'state'>,
  digest: string,
): readonly Drift[] {
  const cause = generation === 0 ? 'new' : state === digest ? 'device' : 'fleet'
  return plan.changes
    .filter(({ action }) => action !== 'reboot')
    .map((change) => {
      const { device } = plan
      return { device, resource: change.resource, what: whatOf(change), cause, sinceUnixMs: null }
    })
}

function whatOf({ resource, action, because }: Change): string {
  switch (action) {
    case 'create':
      return 'is missing'
    case 'install':
      return 'is not installed'
    case 'pull':
      return 'is not on the device'
    default:
      return because ?? (resource.startsWith('file:') ? 'differs' : `needs ${action}`)
  }
}
