/** `timeball reseat`: a device that refuses us, because of a number it should not have, takes ours. */
import { failureOrNull } from '../api/records/make-records.ts'
import { keepFailed } from './keep-failed.ts'
import { explain } from '../api/explain.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { seeOthers } from '../app/operate/see-others.ts'
import { reseatDevices, type Reseated } from '../app/reseat.ts'
import { foldNames } from '../core/plan/names.ts'
import { ok } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from './context.ts'
import { withFleet } from './fleet-claim.ts'
import { refuse, usageProblem } from './problems.ts'
import { openRecords } from './records.ts'
import { sayRefusal } from './refusals.ts'
import { reach, type Reached } from './start.ts'

export interface ReseatOptions extends FleetOptions {
  readonly yes?: boolean
  readonly allowOtherState?: boolean
}

export async function reseatCommand(
  context: Context,
  targets: string,
  options: ReseatOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const open = reached.value
  try {
    const refusal = await ask(context, open, options)
    return refusal ?? (await reseat(context, open, options))
  } finally {
    await open.outside.engine.close('keep')
  }
}

async function reseat(
  context: Context,
  { loaded, devices, outside }: Reached,
  { json, allowOtherState = false }: ReseatOptions,
): Promise<ExitCode> {
  const records = await openRecords(context, json)
  const run = { stop: context.stop, abort: context.abort, emit: () => {} }
  const wish = { operation: 'reseat', epochFloor: 0, change: null }
  const done = await withFleet(context, loaded, wish, async (claim) => {
    const { origin } = claim.store
    const { epoch } = claim.lease.lease
    const looking = { fleet: loaded.fleet, outside, run, origin, allowOtherState }
    const others = await seeOthers(devices, looking)
    if (!others.ok) return others
    const reseating = { epoch, origin, byOthers: others.value }
    const reseated = await reseatDevices(loaded.fleet, devices, reseating, { outside, run })
    return ok({ epoch, reseated })
  })
  const end = (exit: ExitCode): ExitCode => records?.result(exit, {}) ?? exit
  if (!done.ok) return end(done.failure)
  if (!done.value.ok) return end(sayRefusal(context.terminal, done.value.failure))
  const { epoch, reseated } = done.value.value
  for (const each of reseated) {
    if (records === null) context.terminal.out(lineOf(each, epoch))
    else {
      const { device, failure } = each
      records.write({ type: 'reseated', device, epoch, failure: failureOrNull(failure) })
    }
  }
  const failed = reseated.flatMap(({ device, failure }) => (failure === null ? [] : device))
  await keepFailed(context, loaded, failed)
  const exit = failed.length > 0 ? exitCodes.devicesFailed : exitCodes.done
  return records?.result(exit, { failed }) ?? exit
}

function lineOf({ device, failure }: Reseated, epoch: number): string {
  return failure === null
    ? `${device}: its number is ${epoch} now, that of the fleet`
    : `${device}: ${explain(failure)}`
}

async function ask(
  { terminal }: Context,
  { devices }: Reached,
  { yes }: ReseatOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const names = foldNames(devices.map(({ name }) => name))
  terminal.say(
    'A device refuses what an older operation wants of it. This takes that from it once:',
  )
  terminal.say('make sure that no other machine is at work on the fleet.')
  const answer = await terminal.confirm(`Give ${names} the number of this fleet?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'reseat needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}
