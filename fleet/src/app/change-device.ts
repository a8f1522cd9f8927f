/** Changes one device that is idle: apply, confirm over a fresh connection, reboot if allowed, wait for good time. */
import { isLost, type Failure } from '../core/failure.ts'
import type { DeviceOutcome, FleetEvent, Phase } from '../core/plan/event.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import type { Link } from './link.ts'
import type { PlannedDevice } from './plan-fleet.ts'

export interface ChangeOptions {
  /** Whether the device must prove first that it could roll back. */
  readonly proveWayBack: boolean
  readonly emit: (event: FleetEvent) => void
}

/**
 * Applies and confirms, and reboots where that is allowed; waits for nothing more. Never throws for
 * what a device does; the outcome says how it ended.
 */
export async function changeDevice(
  planned: PlannedDevice,
  link: Link,
  { proveWayBack, emit }: ChangeOptions,
): Promise<DeviceOutcome> {
  const { name } = planned.device
  const say = (phase: Phase): void => emit({ type: 'phase', device: name, phase })
  const onLine = (line: ReportLine): void => {
    if (line.type !== 'resource') return
    const { resource, change, ms } = line
    emit({ type: 'resource', device: name, resource, change, ms })
  }
  const { observed, plan, state } = planned
  if (plan.changes.length === 0) {
    return { ...ended(name, 'unchanged', null), generation: observed.generation }
  }

  say('applying')
  const applied = await link.apply(planned, { proveWayBack, onLine })
  if (!applied.ok) return ended(name, isLost(applied.failure) ? 'lost' : 'failed', applied.failure)
  const changed = countChanged(applied.value)
  const generation = applied.value.end.generation ?? observed.generation

  say('confirming')
  const confirmed = await link.confirm(generation)
  if (!confirmed.ok) return { ...ended(name, 'lost', confirmed.failure), changed }

  if (plan.reboot === 'now') {
    say('rebooting')
    const back = await link.reboot(observed.bootId, state)
    if (!back.ok) return { ...ended(name, 'lost', back.failure), changed, generation }
  }
  return { ...ended(name, 'changed', null), changed, generation }
}

function countChanged(report: DeviceReport): number {
  return report.lines.filter((line) => line.type === 'resource' && line.change !== 'none').length
}

export function ended(
  device: string,
  status: DeviceOutcome['status'],
  failure: Failure | null,
): DeviceOutcome {
  return {
    device,
    status,
    changed: 0,
    generation: null,
    service: 'unwatched',
    serviceReason: null,
    failure,
  }
}
