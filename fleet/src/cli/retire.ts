/** `timeball device retire`: ends what goes on at a device that left the inventory. */
import { failureOrNull } from '../api/records/make-records.ts'
import { explain } from '../api/explain.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import {
  findRetired,
  retireDevice,
  setsWithout,
  type RetireRefusal,
} from '../app/operate/retire-device.ts'
import { seeOthers } from '../app/operate/see-others.ts'
import { whyUnfinished } from '../app/operate/may-change.ts'
import type { Reachable } from '../core/device/device.ts'
import { foldNames } from '../core/plan/names.ts'
import { quorumText } from '../core/rollout/planning/quorum-now.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions } from './context.ts'
import { withFleet, type FleetClaim } from './fleet-claim.ts'
import { openStore } from './open-store.ts'
import { refuse, usageProblem } from './problems.ts'
import { openRecords } from './records.ts'
import { sayRefusal } from './refusals.ts'
import { reach, type Reached } from './start.ts'

export interface RetireOptions extends FleetOptions {
  readonly yes?: boolean
  readonly forget?: boolean
  readonly allowQuorumLoss?: boolean
  readonly allowOtherState?: boolean
}

export async function retireCommand(
  context: Context,
  name: string,
  options: RetireOptions,
): Promise<ExitCode> {
  const reached = await reach(context, undefined, options)
  if (!reached.ok) return reached.failure
  const open = reached.value
  const records = await openRecords(context, options.json)
  const end = (exit: ExitCode): ExitCode => records?.result(exit, {}) ?? exit
  try {
    const found = await mayRetire(context, open, name, options)
    if (!found.ok) return end(found.failure)
    const device = found.value
    const wish = { operation: `retire ${name}`, epochFloor: 0, change: null }
    const done = await withFleet(context, open.loaded, wish, (claim) =>
      retire(context, open, device, { claim, isForgotten: options.forget === true }),
    )
    if (!done.ok) return end(done.failure)
    const failure = done.value
    records?.write({ type: 'retired', device: name, failure: failureOrNull(failure) })
    if (records === null) context.terminal.out(lineOf(device, failure, options))
    return end(failure === null ? exitCodes.done : exitCodes.devicesFailed)
  } finally {
    await open.outside.engine.close('keep')
  }
}

async function retire(
  { abort }: Context,
  { loaded, outside }: Reached,
  device: Reachable,
  { claim, isForgotten }: { readonly claim: FleetClaim; readonly isForgotten: boolean },
): ReturnType<typeof retireDevice> {
  const { store, lease } = claim
  if (isForgotten) {
    await store.forget(device.name)
    return null
  }
  const { epoch } = lease.lease
  return await retireDevice(device, { fleet: loaded.fleet, outside, store, epoch, abort })
}

function lineOf(
  { name, address }: Reachable,
  failure: Awaited<ReturnType<typeof retireDevice>>,
  { forget }: RetireOptions,
): string {
  if (failure !== null) {
    return `${name}: ${explain(failure)}; if it is gone for good: timeball device retire ${name} --forget`
  }
  if (forget === true) {
    return `${name}: forgotten; what runs at ${address}, and its keys, go on as long as it does`
  }
  return `${name}: retired; its server is stopped and its keys are gone from it`
}

/** The failure was told. */
async function mayRetire(
  context: Context,
  { loaded, outside }: Reached,
  name: string,
  options: RetireOptions,
): Promise<Result<Reachable, ExitCode>> {
  const { terminal, abort } = context
  const opened = await openStore(context, loaded, 'change')
  if (!opened.ok) return opened
  const store = opened.value
  try {
    const found = await findRetired(name, loaded.fleet, store)
    if (!found.ok) return fail(refuse(terminal, [problemOf(name, found.failure)]))
    const unfinished = await whyUnfinished(store)
    if (unfinished !== null) return fail(sayRefusal(terminal, unfinished))
    const others = await seeOthers([found.value], {
      ...{ fleet: loaded.fleet, outside, run: context, origin: store.origin },
      allowOtherState: options.forget === true || options.allowOtherState === true,
    })
    if (!others.ok) return fail(sayRefusal(terminal, others.failure))
    if (options.forget !== true && options.allowQuorumLoss !== true) {
      const broken = await setsWithout(loaded.fleet, outside, abort)
      const problems = broken.map((set) =>
        usageProblem(`without ${name}, ${quorumText(set)}`, 'or add --allow-quorum-loss'),
      )
      if (problems.length > 0) return fail(sayRefusal(terminal, { kind: 'quorum', problems }))
    }
    const declined = await ask(context, found.value, options)
    return declined === null ? ok(found.value) : fail(declined)
  } finally {
    await store.close()
  }
}

function problemOf(name: string, refusal: RetireRefusal): Problem {
  switch (refusal.kind) {
    case 'in-inventory':
      return usageProblem(
        `${name} is in the inventory`,
        'take it out, apply what followed it, then retire it',
      )
    case 'followed': {
      const { followers, address } = refusal
      const follow = `${foldNames(followers)} still ${followers.length === 1 ? 'has' : 'have'}`
      return usageProblem(
        `${follow} ${name} (${address}) in ntp_servers`,
        'take it out and apply first',
      )
    }
    case 'unknown': {
      const near = nearest(name, refusal.known)
      const known = refusal.known.length === 0 ? 'none is' : `${foldNames(refusal.known)} can be`
      const fix = near === null ? `${known} retired` : `did you mean ${near}?`
      return usageProblem(`no device ${name} was ever changed from here`, fix)
    }
  }
}

async function ask(
  { terminal }: Context,
  { name, address }: Reachable,
  { yes, forget }: RetireOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const question =
    forget === true
      ? `Forget ${name} without going to ${address}?`
      : `Stop the time server of ${name} at ${address}, and take its files and keys away?`
  const answer = await terminal.confirm(question)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const what = 'device retire needs an answer, and nobody can be asked here'
  return refuse(terminal, [usageProblem(what, 'add --yes')])
}
