/** What `restart`, `reboot` and `upgrade` share: ask, hold the fleet, take turns, tell how each ended. */
import { ofFleet } from '../../core/fleet-title.ts'
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { turnRecord } from '../../api/records/ask-records.ts'
import { isWell, takeTurns, type Turn, type Turns } from '../../app/operate/take-turns.ts'
import { reachOf } from '../../app/outside.ts'
import type { Reach } from '../../app/link.ts'
import { namesOf } from '../../core/ask/fold.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet, type FleetClaim } from '../fleet-claim.ts'
import { refuse, usageProblem } from '../problems.ts'
import type { Records } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import type { Reached } from '../start.ts'

export interface TurnsOptions extends FleetOptions {
  readonly yes?: boolean
  readonly allowQuorumLoss?: boolean
  readonly allowOtherState?: boolean
}

/** As the device takes it: its number of operations, and the time that it waits for a confirmation. */
export interface TurnAuthority {
  readonly epoch: number
  /** The state directory that it is from. */
  readonly origin: string
  readonly confirmMs: number
}

export interface TurnAction {
  readonly name: 'restart' | 'reboot' | 'upgrade'
  /** `Restart`, of the question. */
  readonly wish: string
  /** `restarting`. */
  readonly doing: string
  /** `restarted`. */
  readonly did: (device: string) => string
  /** `null`: it was done. */
  readonly act: (device: Device, way: Reach, authority: TurnAuthority) => Promise<Failure | null>
  readonly whyStop?: () => string | null
}

/** Asks whoever is there; `null`: go on. */
export async function askBefore(
  { terminal }: Context,
  { name, wish }: TurnAction,
  { devices, loaded }: Pick<Reached, 'devices' | 'loaded'>,
  { yes }: TurnsOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const what = `${wish} ${namesOf(devices.map((device) => device.name))}${ofFleet(loaded.fleet.name)}`
  const answer = await terminal.confirm(`${what}, one after another?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  return refuse(terminal, [
    usageProblem(`${name} needs an answer, and nobody can be asked here`, 'add --yes'),
  ])
}

export interface Taking {
  readonly records: Records | null
  readonly options: TurnsOptions
  /** Devices that failed before anybody had a turn. */
  readonly failedBefore: readonly string[]
}

/** Ends the records. */
export async function takeAll(
  context: Context,
  action: TurnAction,
  reached: Reached,
  taking: Taking,
): Promise<ExitCode> {
  const { loaded } = reached
  const { records, failedBefore } = taking
  const wish = { operation: action.name, epochFloor: 0, change: null }
  const done = await withFleet(context, loaded, wish, (claim) =>
    turnAll(context, reached, claim, turnsOf(context, action, reached, { ...taking, claim })),
  )
  if (!done.ok) return records?.result(done.failure, {}) ?? done.failure
  if (!done.value.ok) {
    const refused = sayRefusal(context.terminal, done.value.failure)
    return records?.result(refused, {}) ?? refused
  }
  const turns = done.value.value
  const failed = [
    ...failedBefore,
    ...turns.filter((turn) => !isWell(turn)).map(({ device }) => device),
  ]
  await context.saveLastRun(loaded, { failed, changed: [] })
  const exit = context.stop.aborted ? exitCodes.interrupted : exitOf(turns, failedBefore)
  return records?.result(exit, { failed }) ?? exit
}

function turnAll(
  context: Context,
  { outside }: Reached,
  { lease, store }: FleetClaim,
  turns: Turns,
): ReturnType<typeof takeTurns> {
  const stop = AbortSignal.any([context.stop, lease.lost])
  return takeTurns(turns, store, outside, { stop, abort: context.abort, emit: () => {} })
}

function turnsOf(
  { terminal, abort }: Context,
  action: TurnAction,
  { loaded, devices, outside }: Reached,
  { claim, records, options }: Taking & { readonly claim: FleetClaim },
): Turns {
  const { fleet, settingsFile } = loaded
  const way = reachOf(fleet, outside, abort)
  const authority = {
    epoch: claim.lease.lease.epoch,
    origin: claim.store.origin,
    confirmMs: fleet.settings.apply.confirm_timeout,
  }
  return {
    ...{ fleet, devices, settingsFile, allowQuorumLoss: options.allowQuorumLoss === true },
    allowOtherState: options.allowOtherState === true,
    ...(action.whyStop === undefined ? {} : { whyStop: action.whyStop }),
    act: (device) => action.act(device, way, authority),
    onPhase(device, phase) {
      const text = phase === 'acting' ? action.doing : 'waiting for good time'
      if (terminal.isInteractive) terminal.progress(`${device}: ${text}`)
      else if (records === null) terminal.say(`${device}: ${text}`)
    },
    onTurn(turn) {
      if (records === null) terminal.out(lineOf(turn, action))
      else records.write(turnRecord(turn, action.name))
    },
  }
}

function lineOf({ device, status, service, why, failure }: Turn, { did }: TurnAction): string {
  if (status === 'left-alone') return `- ${device} left alone: ${why ?? ''}`
  if (failure !== null) return `✗ ${device} failed: ${explain(failure)}`
  if (service === 'settling') return `! ${device} ${did(device)}, no good time yet: ${why ?? ''}`
  return `✓ ${device} ${did(device)}${service === 'serving' ? ', gives good time' : ''}`
}

function exitOf(turns: readonly Turn[], failedBefore: readonly string[]): ExitCode {
  const isFailed = failedBefore.length > 0 || turns.some(({ status }) => status === 'failed')
  if (isFailed) return exitCodes.devicesFailed
  return turns.every(isWell) ? exitCodes.done : exitCodes.unhealthy
}
