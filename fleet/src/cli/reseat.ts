/** `timeball reseat`: a device that refuses us, because of a number it should not have, takes ours. */
import { failureOrNull } from '../api/records/make-records.ts'
import { keepFailed } from './keep-failed.ts'
import { explain } from '../api/explain.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { reseatDevices, type Reseated } from '../app/reseat.ts'
import { foldNames } from '../core/plan/names.ts'
import type { Context, FleetOptions } from './context.ts'
import { withFleet } from './fleet-claim.ts'
import { refuse, usageProblem } from './problems.ts'
import { openRecords } from './records.ts'
import { reach, type Reached } from './start.ts'

export interface ReseatOptions extends FleetOptions {
  readonly yes?: boolean
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
  { json }: ReseatOptions,
): Promise<ExitCode> {
  const records = await openRecords(context, json)
  const run = { stop: context.stop, abort: context.abort, emit: () => {} }
  const wish = { operation: 'reseat', epochFloor: 0, change: null }
  const done = await withFleet(context, loaded, wish, async ({ lease: { lease } }) => ({
    epoch: lease.epoch,
    devices: await reseatDevices(loaded.fleet, devices, lease.epoch, { outside, run }),
  }))
  if (!done.ok) return records?.result(done.failure, {}) ?? done.failure
  const { epoch } = done.value
  for (const each of done.value.devices) {
    if (records === null) context.terminal.out(lineOf(each, epoch))
    else {
      const { device, failure } = each
      records.write({ type: 'reseated', device, epoch, failure: failureOrNull(failure) })
    }
  }
  const failed = done.value.devices.flatMap(({ device, failure }) =>
    failure === null ? [] : device,
  )
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
