/** `timeball keys rotate`: does what may be done now, and says what is next. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { rotateKeys, type KeyOutcome } from '../../app/keys/rotate-keys.ts'
import { whyUnfinished } from '../../app/operate/may-change.ts'
import type { Run } from '../../app/outside.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { ofFleet } from '../../core/fleet-title.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet } from '../fleet-claim.ts'
import { refuse, usageProblem } from '../problems.ts'
import { showProgress } from '../progress.ts'
import { openRecords } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import { reach, type Reached } from '../start.ts'
import { deliveryOf, hiding, lookFirst, type Hide } from './look-first.ts'
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
    if (!looked.ok) return looked.failure
    const { others, epochFloor } = looked.value
    if (others.length > 0) return refuseOthers(context, others)
    const refusal = await ask(context, reached.value, options)
    if (refusal !== null) return refusal
    const records = await openRecords(context, options.json)
    const emit = showProgress(context.terminal, records, reached.value.devices.length)
    const rotated = await rotateAll(context, reached.value, { options, hide, epochFloor, emit })
    if (!rotated.ok) return records?.result(rotated.failure, {}) ?? rotated.failure
    return await tellRotation(context, reached.value.loaded, rotated.value, records)
  } finally {
    await reached.value.outside.engine.close('keep')
  }
}

function refuseOthers({ terminal }: Context, others: readonly string[]): ExitCode {
  terminal.say(`timeball: ${namesOf(others)}: there are changes that are no keys`)
  terminal.say('    make them first: timeball apply; nothing was changed')
  return exitCodes.conflict
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
    const overlapMs = rotating.options.overlap ?? null
    const rotated = await rotateKeys({
      ...deliveryOf(context, reached, claim, rotating),
      devices: reached.devices,
      overlapMs,
    })
    return rotated.ok ? rotated : fail(refuseSecret(context, outside.secrets, rotated.failure))
  })
  return claimed.ok ? claimed.value : claimed
}
