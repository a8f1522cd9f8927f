/**
 * A restart or reboot of devices, one after another: what serves time is taken away only while the
 * quorum allows it, by the rules of rollouts, and the next one waits until it is back.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Device } from '../../core/device/device.ts'
import type { Failure } from '../../core/failure.ts'
import type { Fleet } from '../../core/fleet/fleet.ts'
import { elsewhereText } from '../../core/rollout/elsewhere.ts'
import { serviceAt, whyNotNow } from '../../core/rollout/may-move.ts'
import { neighboursOf, type Neighbours } from '../../core/rollout/neighbours.ts'
import { membersOf } from '../../core/rollout/planning/members.ts'
import { quorumSets } from '../../core/rollout/planning/quorum-sets.ts'
import { clockEvidence } from '../../core/service/clock-evidence.ts'
import { goodTime, type TimeState } from '../../core/service/good-time.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import type { Outside, Run } from '../outside.ts'
import { settle, type Settled } from '../settle.ts'
import { sweepClocks } from '../sweep-clocks.ts'
import { whyUnfinished } from './may-change.ts'
import type { Refusal } from './refusal.ts'
import { seeOthers, type ByOthers } from './see-others.ts'

/**
 * `done`: it was restarted, and `service` says whether it gives good time again. `left-alone`: not
 * touched, because the quorum did not allow it, or because of one before it.
 */
export interface Turn {
  readonly device: string
  readonly status: 'done' | 'failed' | 'left-alone'
  readonly service: Settled['service']
  /** Printable; `null`: all is well. */
  readonly why: string | null
  /** Of `failed`. */
  readonly failure: Failure | null
}

export interface Turns {
  readonly fleet: Fleet
  readonly devices: readonly Device[]
  readonly settingsFile: string
  readonly allowQuorumLoss: boolean
  readonly allowOtherState: boolean
  /** Why no further device may have its turn now; `null`: it may. */
  readonly whyStop?: () => string | null
  /** `null`: it was done. */
  readonly act: (device: Device) => Promise<Failure | null>
  readonly onPhase: (device: string, phase: 'acting' | 'settling') => void
  readonly onTurn: (turn: Turn) => void
}

/** Between two checks of whether the quorum allows it now. */
const pauseMs = 6_000

/**
 * INVARIANTS:
 * - one device at a time; followers before the sources that they follow;
 * - before each one all clocks are measured, and the rules of rollouts say whether it may go;
 * - one that another state directory has just changed is left alone by itself;
 * - when one fails, or does not give good time again in `apply.settle_timeout`, the rest is left alone.
 */
export async function takeTurns(
  turns: Turns,
  store: Pick<RolloutStore, 'list' | 'origin'>,
  outside: Outside,
  run: Run,
): Promise<Result<readonly Turn[], Refusal>> {
  const { fleet, settingsFile } = turns
  const unfinished = await whyUnfinished(store)
  if (unfinished !== null) return fail(unfinished)
  const members = membersOf(fleet.devices)
  const quorum = quorumSets(members, fleet.settings.rollout, settingsFile)
  if (!quorum.ok) return fail({ kind: 'quorum', problems: quorum.failure })
  const neighbours = neighboursOf({ members, quorum: quorum.value.sets })
  const { origin } = store
  const looking = { fleet, outside, run, origin, allowOtherState: turns.allowOtherState }
  const others = await seeOthers(turns.devices, looking)
  if (!others.ok) return others
  const around = { turns, neighbours, outside, run }
  return ok(await takeEach(around, others.value))
}

async function takeEach(around: Surroundings, others: ByOthers): Promise<readonly Turn[]> {
  const { turns, run } = around
  const taken: Turn[] = []
  let obstacle: string | null = null
  for (const device of inOrder(turns.devices)) {
    if (run.stop.aborted) obstacle ??= 'it was called off before its turn'
    obstacle ??= turns.whyStop?.() ?? null
    const agoSeconds = others.get(device.name)
    const why = obstacle ?? (agoSeconds === undefined ? null : elsewhereText(agoSeconds))
    const turn = why === null ? await takeTurn(device, around) : leftAlone(device, why)
    taken.push(turn)
    turns.onTurn(turn)
    if (why === null && !isWell(turn)) obstacle = `${device.name} is not well`
  }
  return taken
}

export function isWell({ status, service }: Turn): boolean {
  return status === 'done' && service !== 'settling'
}

function inOrder(devices: readonly Device[]): readonly Device[] {
  return [
    ...devices.filter(({ role }) => role !== 'stratum1'),
    ...devices.filter(({ role }) => role === 'stratum1'),
  ]
}

interface Surroundings {
  readonly turns: Turns
  readonly neighbours: Neighbours
  readonly outside: Outside
  readonly run: Run
}

async function takeTurn(device: Device, around: Surroundings): Promise<Turn> {
  const { turns, outside, run } = around
  const reason = await waitForQuorum(device, around)
  if (reason !== null) return leftAlone(device, reason)
  turns.onPhase(device.name, 'acting')
  const failure = await turns.act(device)
  if (failure !== null) {
    const { detail, code } = failure
    const why = detail || code
    return { device: device.name, status: 'failed', service: 'unwatched', why, failure }
  }
  turns.onPhase(device.name, 'settling')
  const { service, serviceReason } = await settle(turns.fleet, device, outside, run)
  return { device: device.name, status: 'done', service, why: serviceReason, failure: null }
}

function leftAlone({ name }: Device, why: string): Turn {
  return { device: name, status: 'left-alone', service: 'unwatched', why, failure: null }
}

/** `null`: it may go now; else why it may still not when its time to wait is over. */
async function waitForQuorum(
  { name }: Device,
  { turns: { fleet, allowQuorumLoss }, neighbours, outside, run }: Surroundings,
): Promise<string | null> {
  const startMs = outside.nowMs()
  for (;;) {
    const sweep = await sweepClocks(fleet, outside, null, run.abort)
    const clocks = clockEvidence(sweep, new Set())
    const sightOf = (device: string): { readonly time: TimeState } => {
      const clock = clocks.get(device)
      return { time: clock === undefined ? 'unknown' : goodTime({ clock, said: null }).state }
    }
    const devices = new Map(fleet.devices.map((each) => [each.name, sightOf(each.name)]))
    const service = serviceAt(neighbours, { devices }, new Set())
    const reason = whyNotNow(name, service, { allowQuorumLoss })
    if (reason === null) return null
    const isOver = outside.nowMs() - startMs >= fleet.settings.apply.settle_timeout
    if (isOver || run.stop.aborted) return reason
    await outside.wait(pauseMs, run.stop)
  }
}
