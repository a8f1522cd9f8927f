/** What commands that change keys of devices begin with, and how they bring them there. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { otherChanges } from '../../app/keys/bring-keys.ts'
import type { KeyRotation } from '../../app/keys/rotate-keys.ts'
import type { Run } from '../../app/outside.ts'
import { planFleet } from '../../app/plan-fleet.ts'
import { prepare } from '../../app/prepare.ts'
import type { PlanPolicy } from '../../core/plan/plan-device.ts'
import { majorityEpoch } from '../../core/rollout/epoch.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context } from '../context.ts'
import type { FleetClaim } from '../fleet-claim.ts'
import { rebootPolicy } from '../reboot-policy.ts'
import { refuse, refuseImage } from '../problems.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import type { Reached } from '../start.ts'
import { keepProofs, readProofs } from './proof-file.ts'

export type Hide = (secrets: readonly Secret[]) => void

/** Of all phases: what was hidden once stays hidden. */
export function hiding({ terminal }: Context): Hide {
  const hidden: Secret[] = []
  return (secrets) => {
    hidden.push(...secrets)
    terminal.hide(hidden)
  }
}

export interface Looked {
  readonly epochFloor: number
  /** Devices that would get more than keys. */
  readonly others: readonly string[]
}

/** Nothing is written before it is known that the store can be, and whether only keys would change. */
export async function lookFirst(
  context: Context,
  { loaded, devices, outside }: Reached,
  hide: Hide,
): Promise<Result<Looked, ExitCode>> {
  const { terminal, stop, abort } = context
  const { secrets } = outside
  const writable = await secrets.write([])
  if (!writable.ok) return fail(refuseSecret(context, secrets, writable.failure))
  const options = { mode: 'change', signal: abort } as const
  const prepared = await prepare(loaded.fleet, devices, outside, options)
  if (!prepared.ok) {
    const { failure } = prepared
    return fail(
      failure.kind === 'problems'
        ? refuse(terminal, failure.problems)
        : refuseImage(terminal, failure),
    )
  }
  hide(prepared.value.secrets)
  terminal.progress(`checking ${devices.length} devices`)
  const policy = policyOf(loaded)
  const planned = await planFleet(prepared.value, policy, outside, { stop, abort, emit: () => {} })
  terminal.progress('')
  if (stop.aborted) return fail(exitCodes.interrupted)
  const epochs = planned.devices.values().map(({ observed }) => observed.epoch)
  const epochFloor = majorityEpoch(epochs, loaded.fleet.devices.length)
  return ok({ epochFloor, others: otherChanges(planned) })
}

function policyOf({ fleet }: Reached['loaded']): PlanPolicy {
  return rebootPolicy(fleet.settings.apply.reboot, { allowReboot: false })
}

/** All that a rotation needs but the devices and its overlap. */
export function deliveryOf(
  context: Context,
  { loaded, outside }: Reached,
  { lease, store }: FleetClaim,
  { hide, emit }: { readonly hide: Hide; readonly emit: Run['emit'] },
): Omit<KeyRotation, 'devices' | 'overlapMs'> {
  const { terminal, abort } = context
  const stop = AbortSignal.any([context.stop, lease.lost])
  return {
    fleet: loaded.fleet,
    outside,
    policy: policyOf(loaded),
    epoch: lease.lease.epoch,
    origin: store.origin,
    run: { stop, abort, emit },
    hide,
    newKey: () => context.newKey(),
    nowUnixMs: () => context.nowUnixMs(),
    proofs: {
      read: () => readProofs(context, loaded),
      keep: (proofs) => keepProofs(context, loaded, proofs),
    },
    say: (line) => terminal.say(`timeball: ${line}`),
  }
}
