/** What can be done to a device in its turn. */
import { openLink, type Authority, type Reach } from '../link.ts'
import { askOne } from '../ask/ask-many.ts'
import { containerName } from '../../core/desired/paths.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import { epochFor } from '../../core/rollout/epoch.ts'
import { printable } from '@timeball/lib/printable.ts'

/** Under the device's own lock, so that no change of another controller is in the middle. */
const restartScript = `lock=\${TIMEBALL_ROOT:-}/var/lib/timeball/lock
[ -e "$lock" ] || exec timeout 120 docker restart ${containerName}
exec flock -w 10 -E 75 "$lock" timeout 120 docker restart ${containerName}
`

const lockedExit = 75

/** `null`: its container was restarted. */
export async function restartContainer(device: Device, reach: Reach): Promise<Failure | null> {
  const question = { script: restartScript, as: 'root', seconds: 150, mostBytes: 65_536 } as const
  const result = await askOne(device, question, reach)
  if (!result.ok) return result.failure
  const { exit, output } = result.value
  if (exit === 0) return null
  if (exit === lockedExit) return { code: 'locked', detail: 'another operation holds the device' }
  return { code: 'compose-failed', detail: printable(output) || `docker restart: exit ${exit}` }
}

/** Of the lease of the fleet, and of the state directory that it is in. */
export type RebootAuthority = Pick<Required<Authority>, 'origin' | 'confirmMs'> & {
  readonly epoch: number
}

/** `null`: it has rebooted, and answers again. */
export async function rebootDevice(
  device: Device,
  reach: Reach,
  { epoch, origin, confirmMs }: RebootAuthority,
): Promise<Failure | null> {
  // Of the device only its boot is looked at.
  const nothing = { device: device.name, resources: [] }
  const before = await openLink(device, reach, { epoch: () => 0, confirmMs }).observe(nothing)
  if (!before.ok) return before.failure
  const { bootId, pending, returning } = before.value
  if (pending !== null || returning !== null) {
    return { code: 'unconfirmed', detail: 'a change of it is not confirmed, and a boot reverts it' }
  }
  const own = epochFor(epoch, before.value.epoch)
  if (!own.ok) return own.failure
  const link = openLink(device, reach, { epoch: () => own.value, origin, confirmMs })
  const back = await link.reboot(bootId, nothing)
  return back.ok ? null : back.failure
}
