/** `timeball keys rotate`: does what may be done now, and says what is next. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { otherChanges } from '../../app/keys/bring-keys.ts'
import { rotateKeys, type KeyOutcome } from '../../app/keys/rotate-keys.ts'
import { whyUnfinished } from '../../app/operate/may-change.ts'
import type { Run } from '../../app/outside.ts'
import { planFleet } from '../../app/plan-fleet.ts'
import { prepare } from '../../app/prepare.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { ofFleet } from '../../core/fleet-title.ts'
import type { PlanPolicy } from '../../core/plan/plan-device.ts'
import { majorityEpoch } from '../../core/rollout/epoch.ts'
import type { Secret } from '../../core/secrets/secret.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet, type FleetClaim } from '../fleet-claim.ts'
import { rebootPolicy } from '../plan.ts'
import { refuse, refuseImage, usageProblem } from '../problems.ts'
import { showProgress } from '../progress.ts'
import { openRecords } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import { reach, type Reached } from '../start.ts'
import { keepProofs, readProofs } from './proof-file.ts'
import { tellRotation } from './tell-rotation.ts'

export interface RotateOptions extends FleetOptions {
  /** Milliseconds. */
  readonly overlap?: number
  readonly wait?: boolean
  readonly yes?: boolean
}

export async function rotateCommand(
  context: Context,
  targets: string | undefined,
  options: RotateOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const hide = hiding(context)
  try {
    const looked = await lookFirst(context, reached.value, hide)
    const refusal = looked.ok ? await ask(context, reached.value, options) : looked.failure
    if (refusal !== null) return refusal
    const records = await openRecords(context, options.json)
    const epochFloor = looked.ok ? looked.value : 0
    const emit = showProgress(context.terminal, records, reached.value.devices.length)
    const rotated = await rotateAll(context, reached.value, { options, hide, epochFloor, emit })
    if (!rotated.ok) return records?.result(rotated.failure, {}) ?? rotated.failure
    return await tellRotation(context, reached.value.loaded, rotated.value, records)
  } finally {
    await reached.value.outside.engine.close('keep')
  }
}

type Hide = (secrets: readonly Secret[]) => void

/** Of all phases: what was hidden once stays hidden. */
function hiding({ terminal }: Context): Hide {
  const hidden: Secret[] = []
  return (secrets) => {
    hidden.push(...secrets)
    terminal.hide(hidden)
  }
}

/** Nothing is written before it is known that the store can be, and that only keys would change. */
async function lookFirst(
  context: Context,
  { loaded, devices, outside }: Reached,
  hide: Hide,
): Promise<Result<number, ExitCode>> {
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
  const others = otherChanges(planned)
  if (others.length > 0) {
    terminal.say(`timeball: ${namesOf(others)}: there are changes that are no keys`)
    terminal.say('    make them first: timeball apply; nothing was changed')
    return fail(exitCodes.conflict)
  }
  const epochs = planned.devices.values().map(({ observed }) => observed.epoch)
  return ok(majorityEpoch(epochs, loaded.fleet.devices.length))
}

function policyOf({ fleet }: Reached['loaded']): PlanPolicy {
  return rebootPolicy(fleet.settings.apply.reboot, { allowReboot: false })
}

/** `null`: go on. */
async function ask(
  { terminal }: Context,
  { devices, loaded }: Reached,
  { yes }: RotateOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const names = namesOf(devices.map(({ name }) => name))
  const answer = await terminal.confirm(`Rotate the keys of ${names}${ofFleet(loaded.fleet.name)}?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'keys rotate needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}

interface Rotating {
  readonly options: RotateOptions
  readonly hide: Hide
  readonly epochFloor: number
  readonly emit: Run['emit']
}

/** Once, or with `--wait` until no overlap is left. The fleet is free for others meanwhile. */
async function rotateAll(
  context: Context,
  reached: Reached,
  rotating: Rotating,
): Promise<Result<readonly KeyOutcome[], ExitCode>> {
  for (;;) {
    const done = await rotateOnce(context, reached, rotating)
    if (!done.ok || rotating.options.wait !== true || context.stop.aborted) return done
    const left = done.value.flatMap(({ overlapLeftMs }) => overlapLeftMs ?? [])
    if (left.length === 0) return done
    context.terminal.progress('old and new keys are valid; waiting until the overlap is over')
    await context.wait(Math.min(...left), context.stop)
    context.terminal.progress('')
  }
}

async function rotateOnce(
  context: Context,
  reached: Reached,
  rotating: Rotating,
): Promise<Result<readonly KeyOutcome[], ExitCode>> {
  const { loaded, outside } = reached
  const wish = { operation: 'keys rotate', epochFloor: rotating.epochFloor, change: null }
  const claimed = await withFleet(context, loaded, wish, async (claim) => {
    const unfinished = await whyUnfinished(claim.store)
    if (unfinished !== null) return fail(sayRefusal(context.terminal, unfinished))
    await claim.store.remember(reached.devices)
    const rotated = await rotateKeys(rotationOf(context, reached, claim, rotating))
    return rotated.ok ? rotated : fail(refuseSecret(context, outside.secrets, rotated.failure))
  })
  return claimed.ok ? claimed.value : claimed
}

function rotationOf(
  context: Context,
  { loaded, devices, outside }: Reached,
  { lease, store }: FleetClaim,
  { options, hide, emit }: Rotating,
): Parameters<typeof rotateKeys>[0] {
  const { terminal, abort } = context
  const stop = AbortSignal.any([context.stop, lease.lost])
  return {
    fleet: loaded.fleet,
    devices,
    outside,
    policy: policyOf(loaded),
    epoch: lease.lease.epoch,
    origin: store.origin,
    run: { stop, abort, emit },
    hide,
    overlapMs: options.overlap ?? null,
    newKey: () => context.newKey(),
    nowUnixMs: () => context.nowUnixMs(),
    proofs: {
      read: () => readProofs(context, loaded),
      keep: (proofs) => keepProofs(context, loaded, proofs),
    },
    say: (line) => terminal.say(`timeball: ${line}`),
  }
}
