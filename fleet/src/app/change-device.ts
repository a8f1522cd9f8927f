/** Changes one device: apply, confirm over a fresh connection, reboot if allowed, wait for good time. */
import type { Result } from '@timeball/lib/result.ts'
import { isLost, type Failure } from '../core/failure.ts'
import type { DeviceOutcome, FleetEvent, Phase } from '../core/plan/event.ts'
import type { Observed } from '../core/plan/observed.ts'
import { planDevice, type PlanPolicy } from '../core/plan/plan-device.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import type { Link } from './link.ts'
import type { PlannedDevice } from './plan-fleet.ts'

export interface ChangeOptions {
  readonly policy: PlanPolicy
  /** Whether the device must prove first that it could roll back. */
  readonly proveWayBack: boolean
  readonly emit: (event: FleetEvent) => void
}

/**
 * Applies and confirms, and reboots where that is allowed; waits for nothing more. Never throws for
 * what a device does; the outcome says how it ended.
 */
export async function changeDevice(
  asPlanned: PlannedDevice,
  link: Link,
  { policy, proveWayBack, emit }: ChangeOptions,
): Promise<DeviceOutcome> {
  const { name } = asPlanned.device
  const say = (phase: Phase): void => emit({ type: 'phase', device: name, phase })
  const onLine = (line: ReportLine): void => {
    if (line.type !== 'resource') return
    const { resource, change, ms } = line
    emit({ type: 'resource', device: name, resource, change, ms })
  }
  if (isUnderWay(asPlanned.observed)) say('reverting')
  const base = await revertFirst(asPlanned, link, policy)
  if (!base.ok) return ended(name, 'failed', base.failure)
  const { observed, plan, state } = base.value
  if (plan.changes.length === 0) {
    return { ...ended(name, 'unchanged', null), generation: observed.generation }
  }

  say('applying')
  const applied = await link.apply(base.value, { proveWayBack, onLine })
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

export function isUnderWay({ pending, returning }: Observed): boolean {
  return pending !== null || returning !== null
}

/** What a lost controller left is reverted, or a rollback ended; then it is seen and planned anew. */
async function revertFirst(
  planned: PlannedDevice,
  link: Link,
  policy: PlanPolicy,
): Promise<Result<PlannedDevice, Failure>> {
  if (!isUnderWay(planned.observed)) return { ok: true, value: planned }
  const reverted = await link.revert()
  if (!reverted.ok) return reverted
  const seen = await link.observe(planned.state)
  if (!seen.ok) return seen
  const plan = planDevice(planned.state, seen.value, policy)
  return { ok: true, value: { ...planned, observed: seen.value, plan } }
}

function countChanged(report: DeviceReport): number {
  return report.lines.filter((line) => line.type === 'resource' && line.change !== 'none').length
}

function ended(
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
