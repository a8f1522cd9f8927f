/** The plans of all devices together: in which order they may be made, and what that does to time. */
import type { Failure } from '../failure.ts'
import type { Device } from '../device/device.ts'
import type { DevicePlan } from './change.ts'

export interface FleetPlan {
  readonly fleet: string
  /** The image that the devices shall run; by digest, except in offline plans. */
  readonly image: string
  /** As the operator wrote it. */
  readonly imageAsWritten: string
  readonly devices: readonly DevicePlan[]
  /** Devices that could not be looked at. They are left alone. */
  readonly failed: readonly { readonly device: string; readonly failure: Failure }[]
  readonly warnings: readonly string[]
}

export interface ApplyOrder {
  /** Nothing is served by these yet, or it is not interrupted: side by side. */
  readonly together: readonly DevicePlan[]
  /** These serve time now: one after another, followers before the sources they follow. */
  readonly oneByOne: readonly DevicePlan[]
}

export function applyOrder(plan: FleetPlan, devices: readonly Device[]): ApplyOrder {
  const role = new Map(devices.map((device) => [device.name, device.role]))
  const changing = plan.devices.filter(hasWork)
  const serving = changing.filter(mustWait)
  const rank = (device: DevicePlan): number => (role.get(device.device) === 'stratum1' ? 1 : 0)
  return {
    together: changing.filter((device) => !mustWait(device)),
    oneByOne: serving.toSorted((a, b) => rank(a) - rank(b)),
  }
}

function mustWait({ isServing, interruptsService }: DevicePlan): boolean {
  return isServing && interruptsService
}

/** Whether applying would do anything on the device. */
export function hasWork(plan: DevicePlan): boolean {
  return plan.changes.length > 0 || plan.pending !== null || plan.isBusy
}

export interface PlanCounts {
  readonly create: number
  readonly change: number
  readonly devices: number
  readonly unchanged: number
  readonly failed: number
}

export function countChanges(plan: FleetPlan): PlanCounts {
  const changes = plan.devices.flatMap((device) => device.changes)
  const creates = changes.filter(({ action }) => creating.has(action)).length
  return {
    create: creates,
    change: changes.length - creates,
    devices: plan.devices.filter(hasWork).length,
    unchanged: plan.devices.filter((device) => !hasWork(device)).length,
    failed: plan.failed.length,
  }
}

const creating: ReadonlySet<string> = new Set(['create', 'install', 'pull'])
