/** `timeball restart` and `timeball reboot`: one device after another, while the quorum allows it. */
import { ofFleet } from '../../core/fleet-title.ts'
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { turnRecord } from '../../api/records/ask-records.ts'
import { rebootDevice, restartContainer } from '../../app/operate/acts.ts'
import { isWell, takeTurns, type Turn, type Turns } from '../../app/operate/take-turns.ts'
import { reachOf } from '../../app/outside.ts'
import { namesOf } from '../../core/ask/fold.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withFleet, type FleetClaim } from '../fleet-claim.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords, type Records } from '../records.ts'
import { sayRefusal } from '../refusals.ts'
import { reach, type Reached } from '../start.ts'

export interface TurnsOptions extends FleetOptions {
  readonly yes?: boolean
  readonly allowQuorumLoss?: boolean
}

export type Action = 'restart' | 'reboot'

const doing = { restart: 'restarting', reboot: 'rebooting' } as const
const did = { restart: 'restarted', reboot: 'rebooted' } as const

export async function turnsCommand(
  context: Context,
  action: Action,
  targets: string | undefined,
  options: TurnsOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const refusal = await ask(context, action, reached.value, options)
  const exit = refusal ?? (await act(context, action, reached.value, options))
  await reached.value.outside.engine.close('keep')
  return exit
}

async function act(
  context: Context,
  action: Action,
  reached: Reached,
  options: TurnsOptions,
): Promise<ExitCode> {
  const { loaded } = reached
  const records = await openRecords(context, options.json)
  const wish = { operation: action, epochFloor: 0, change: null }
  const done = await withFleet(context, loaded, wish, (claim) =>
    turnAll(
      context,
      reached,
      claim,
      turnsOf(context, action, reached, { claim, records, options }),
    ),
  )
  if (!done.ok) return records?.result(done.failure, {}) ?? done.failure
  if (!done.value.ok) {
    const refused = sayRefusal(context.terminal, done.value.failure)
    return records?.result(refused, {}) ?? refused
  }
  const turns = done.value.value
  const failed = turns.filter((turn) => !isWell(turn)).map(({ device }) => device)
  await context.saveLastRun(loaded, { failed, changed: [] })
  const exit = context.stop.aborted ? exitCodes.interrupted : exitOf(turns)
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

interface TurnParts {
  readonly claim: FleetClaim
  readonly records: Records | null
  readonly options: TurnsOptions
}

function turnsOf(
  { terminal, abort }: Context,
  action: Action,
  { loaded, devices, outside }: Reached,
  { claim, records, options }: TurnParts,
): Turns {
  const { fleet, settingsFile } = loaded
  const way = reachOf(fleet, outside, abort)
  const authority = {
    epoch: claim.lease.lease.epoch,
    confirmMs: fleet.settings.apply.confirm_timeout,
  }
  return {
    ...{ fleet, devices, settingsFile, allowQuorumLoss: options.allowQuorumLoss === true },
    act: (device) =>
      action === 'restart' ? restartContainer(device, way) : rebootDevice(device, way, authority),
    onPhase(device, phase) {
      const text = phase === 'acting' ? doing[action] : 'waiting for good time'
      if (terminal.isInteractive) terminal.progress(`${device}: ${text}`)
      else if (records === null) terminal.say(`${device}: ${text}`)
    },
    onTurn(turn) {
      if (records === null) terminal.out(lineOf(turn, action))
      else records.write(turnRecord(turn, action))
    },
  }
}

function lineOf({ device, status, service, why, failure }: Turn, action: Action): string {
  if (status === 'left-alone') return `- ${device} left alone: ${why ?? ''}`
  if (failure !== null) return `✗ ${device} failed: ${explain(failure)}`
  if (service === 'settling') return `! ${device} ${did[action]}, no good time yet: ${why ?? ''}`
  return `✓ ${device} ${did[action]}${service === 'serving' ? ', gives good time' : ''}`
}

function exitOf(turns: readonly Turn[]): ExitCode {
  if (turns.some(({ status }) => status === 'failed')) return exitCodes.devicesFailed
  return turns.every(isWell) ? exitCodes.done : exitCodes.unhealthy
}

async function ask(
  { terminal }: Context,
  action: Action,
  { devices, loaded }: Reached,
  { yes }: TurnsOptions,
): Promise<ExitCode | null> {
  if (yes === true) return null
  const names = namesOf(devices.map(({ name }) => name))
  const what = `${action === 'restart' ? 'Restart' : 'Reboot'} ${names}${ofFleet(loaded.fleet.name)}`
  const answer = await terminal.confirm(`${what}, one after another?`)
  if (answer === true) return null
  if (answer === false) return exitCodes.declined
  const problem = `${action} needs an answer, and nobody can be asked here`
  return refuse(terminal, [usageProblem(problem, 'add --yes')])
}
