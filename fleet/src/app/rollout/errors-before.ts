/** What the log of a device holds before it is changed: afterwards only more than that is a finding. */
import type { DesiredState } from '../../core/desired/resource.ts'
import { containerName } from '../../core/desired/paths.ts'
import { errorRate } from '../../core/rollout/gates/error-rate.ts'
import type { Link } from '../link.ts'

/**
 * A long window for what comes now and then, and a short one for a container that is younger than
 * the long one.
 */
const windowsSeconds = [300, 60]

/** `null`: there is no log that can be read. */
export async function errorsPerMinute(state: DesiredState, link: Link): Promise<number | null> {
  const looks = await Promise.all(
    windowsSeconds.map((logSeconds) => link.observe(state, { logSeconds })),
  )
  return errorRate(
    looks.flatMap((seen) => (seen.ok ? (seen.value.logs.get(containerName) ?? []) : [])),
  )
}
