/** The packages of a device in its turn: apt runs apart from the connection, then a reboot. */
import type { Device } from '../../core/device/device.ts'
import { isLost, type Failure } from '../../core/failure.ts'
import { readUpgradeEnd, wordsOf, type PackageStep } from '../../core/ask/upgrade/read-upgrade.ts'
import { upgradeScript } from '../../core/ask/upgrade/upgrade-script.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import { askOne } from '../ask/ask-many.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { frozenAt } from '../../core/rollout/planning/freeze.ts'
import { retry, type Reach } from '../link.ts'
import type { Outside } from '../outside.ts'

/** Apt on a slow card, with a kernel among the packages. */
const longestSeconds = 3600
/** A device whose network is upgraded is away for a moment. */
const lostDeadlineMs = 300_000

/** Whether the device asks for a reboot now. A connection that is cut does not stop apt. */
export async function upgradePackages(
  device: Device,
  steps: readonly PackageStep[],
  reach: Reach,
): Promise<Result<{ readonly rebootRequired: boolean }, Failure>> {
  const script = upgradeScript(`up-${reach.outside.newNonce()}`, wordsOf(steps))
  const mostBytes = 65_536
  const question = { script, as: 'root', seconds: longestSeconds, mostBytes } as const
  const attempt = async (): ReturnType<typeof upgradePackages> => {
    const answer = await askOne(device, question, reach)
    if (!answer.ok) return answer
    if (answer.value.isInTime) return readUpgradeEnd(answer.value.output)
    return fail({ code: 'upgrade-failed', detail: 'apt is still at work on it after an hour' })
  }
  const first = await attempt()
  if (first.ok || !isLost(first.failure)) return first
  return await retry(reach, { deadlineMs: lostDeadlineMs, retryOn: isLost }, attempt)
}

/** Why nothing may be started at the time of the question; `override`: the reason for going on. */
export async function freezeWatch(
  { settings }: Fleet,
  outside: Pick<Outside, 'leapSeconds'>,
  when: { readonly nowUnixMs: () => number; readonly override: string | null },
): Promise<() => string | null> {
  if (when.override !== null) return () => null
  const leaps = await outside.leapSeconds()
  return () => frozenAt(when.nowUnixMs(), settings.rollout.freeze, leaps)
}
