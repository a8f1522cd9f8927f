/** Brings devices the keys that the store has for them, by an apply that changes nothing else. */
import { changesOnlyKeys } from '../../core/keys/only-keys.ts'
import type { Device } from '../../core/device/device.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { PlanPolicy } from '../../core/plan/plan-device.ts'
import { changedElsewhere } from '../../core/rollout/elsewhere.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure } from '../../ports/secret-store.ts'
import { applyFleet } from '../apply-fleet.ts'
import type { Outside, Run } from '../outside.ts'
import { planFleet, type PlannedFleet } from '../plan-fleet.ts'
import { prepare } from '../prepare.ts'

export interface KeyDelivery {
  readonly fleet: Fleet
  readonly outside: Outside
  readonly policy: PlanPolicy
  /** Of the lease of the fleet. */
  readonly epoch: number
  /** Of the state directory. */
  readonly origin: string
  readonly run: Run
  /** From now on they are in no output. */
  readonly hide: (secrets: readonly Secret[]) => void
}

export interface Trouble {
  /** Of the device's failure, or `refused`, `unanswered`, `secret`, `other-changes`. */
  readonly code: string
  readonly detail: string
}

/** What went wrong, by device; those that have their keys are not in it. */
export async function bringKeys(
  delivery: KeyDelivery,
  devices: readonly Device[],
): Promise<Result<ReadonlyMap<string, Trouble>, SecretFailure>> {
  const { outside, policy, run, epoch, origin } = delivery
  // No clock is touched, so nobody has to wait until it is good again.
  const fleet = withoutSettling(delivery.fleet)
  const options = { mode: 'change', signal: run.abort } as const
  const prepared = await prepare(fleet, devices, outside, options)
  if (!prepared.ok) return fail(failureOf(prepared.failure))
  delivery.hide(prepared.value.secrets)
  const planned = await planFleet(prepared.value, policy, outside, run)
  const troubles = new Map(
    otherChanges(planned).map((device) => [device, otherChangesTrouble] as const),
  )
  const seen = new Map([...planned.devices].map(([name, { observed }]) => [name, observed]))
  const change = {
    ...{ fleet, planned: without(planned, troubles), policy, epoch, origin },
    changedElsewhere: changedElsewhere(seen, origin),
  }
  for (const { device, status, failure } of await applyFleet(change, outside, run)) {
    const isThere = status === 'changed' || status === 'unchanged'
    if (isThere && failure === null) continue
    troubles.set(device, failure ?? { code: status, detail: 'not reached' })
  }
  return ok(troubles)
}

const otherChangesTrouble: Trouble = {
  code: 'other-changes',
  detail: 'has changes that are no keys; timeball apply makes them',
}

/** Devices whose plan has more in it than keys. */
export function otherChanges({ plan }: PlannedFleet): readonly string[] {
  return plan.devices.filter((each) => !changesOnlyKeys(each)).map(({ device }) => device)
}

function without(
  { plan, devices }: PlannedFleet,
  left: ReadonlyMap<string, unknown>,
): PlannedFleet {
  return {
    plan: { ...plan, devices: plan.devices.filter(({ device }) => !left.has(device)) },
    devices: new Map([...devices].filter(([name]) => !left.has(name))),
  }
}

function withoutSettling(fleet: Fleet): Fleet {
  const apply = { ...fleet.settings.apply, settle_timeout: 0 }
  return { ...fleet, settings: { ...fleet.settings, apply } }
}

function failureOf(
  failure: Extract<Awaited<ReturnType<typeof prepare>>, { ok: false }>['failure'],
): SecretFailure {
  const detail =
    failure.kind === 'image'
      ? `${failure.ref}: ${failure.detail}`
      : failure.problems.map(({ what }) => what).join('; ')
  return { code: 'unavailable', detail, hint: null }
}
