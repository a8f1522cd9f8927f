/**
 * A fleet for the runner of rollouts, in memory and in virtual time: what each device really is, what
 * goes wrong with it, and what was seen to be broken by the rollout at the instant it happened.
 */
import type { QuorumSet, RolloutPlan } from '../../../core/rollout/plan.ts'
import type { DeviceSight, GateVerdict, Sight } from '../../../core/rollout/sight.ts'
import type { DeviceState, RolloutState } from '../../../core/rollout/state.ts'
import type { ActionEvent, RolloutWorld } from '../world.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * What goes wrong with a device: `refuses` the change, `fails` it and puts the old back by itself,
 * is cut off in it and comes `back` after a while or never (`gone`), is `sick` on the new release,
 * falls ill in the `soak`, cannot be judged (`inconclusive`), or is not there at the start (`away`).
 * `stubborn` is sick and cannot go back either; `dead` is sick for certain, and `flapping` now and
 * then.
 */
export const ailments = [
  'none',
  'refuses',
  'fails',
  'back',
  'gone',
  'sick',
  'soak',
  'inconclusive',
  'away',
  'stubborn',
  'dead',
  'flapping',
] as const
export type Ailment = (typeof ailments)[number]

interface Device {
  release: 'old' | 'new'
  /** The change waits for its confirmation until then, and goes back. */
  pendingUntilMs: number | null
  /** Out of service until then. */
  awayUntilMs: number
  newSinceMs: number
  readonly ailment: Ailment
}

export interface SimulatedFleet extends RolloutWorld {
  release(device: string): 'old' | 'new' | 'pending'
  /** Whether it would give good time, had it been able to before the rollout. */
  serves(device: string): boolean
  /** Instants at which the rollout took good time away that had to stay. */
  readonly broken: readonly string[]
  /** Most devices that were being changed or settling at once. */
  readonly mostAtOnce: () => number
}

const swapMs = 4_000
const settleMs = 40_000
const backAfterMs = 300_000

export interface SimulationOptions {
  readonly plan: RolloutPlan
  readonly clock: VirtualClock
  readonly ailments: Readonly<Record<string, Ailment>>
  readonly confirmMs: number
  /** Devices that never give good time, whatever is done. */
  readonly badBefore: ReadonlySet<string>
}

export function simulateFleet(options: SimulationOptions): SimulatedFleet {
  const { plan, clock, badBefore } = options
  const devices = new Map(
    plan.members.map(({ device }): [string, Device] => [
      device,
      {
        release: 'old',
        pendingUntilMs: null,
        awayUntilMs: 0,
        newSinceMs: 0,
        ailment: options.ailments[device] ?? 'none',
      },
    ]),
  )
  const broken: string[] = []
  let atOnce = 0
  let most = 0
  const deviceOf = (name: string): Device => {
    const device = devices.get(name)
    if (device === undefined) throw new Error(`no device ${name}`)
    expire(device, clock.nowMs())
    return device
  }
  const isGood = (name: string): boolean =>
    !badBefore.has(name) && gateOf(deviceOf(name), clock.nowMs()).verdict === 'pass'
  const membership = new Map(plan.quorum.map((set) => [set, new Set(set.members)]))
  let countedMs = -1
  const goodNow = new Map<QuorumSet, number>()
  /** How many good ones the set has left; they are counted once for each instant. */
  const takeFrom = (set: QuorumSet): number => {
    if (clock.nowMs() !== countedMs) goodNow.clear()
    countedMs = clock.nowMs()
    const left = (goodNow.get(set) ?? set.members.filter(isGood).length) - 1
    goodNow.set(set, left)
    return left
  }
  const interrupt = (name: string): void => {
    if (!isGood(name)) return
    const hurt = plan.quorum
      .filter((set) => membership.get(set)?.has(name))
      .find((set) => takeFrom(set) < set.minGood)
    if (hurt !== undefined) broken.push(`${name}: ${hurt.name} below ${hurt.minGood}`)
  }
  const swap = async (
    name: string,
    to: 'old' | 'new',
    signal: AbortSignal,
  ): Promise<'done' | 'cut'> => {
    const device = deviceOf(name)
    interrupt(name)
    device.awayUntilMs = clock.nowMs() + swapMs + settleMs
    await clock.sleep(swapMs, signal)
    if (signal.aborted) return 'cut'
    device.release = to
    device.newSinceMs = clock.nowMs()
    device.pendingUntilMs = clock.nowMs() + options.confirmMs
    await clock.sleep(1_000, signal)
    if (signal.aborted) return 'cut'
    device.pendingUntilMs = null
    return 'done'
  }
  const counted = async (act: () => Promise<ActionEvent>): Promise<ActionEvent> => {
    atOnce += 1
    most = Math.max(most, atOnce)
    const event = await act()
    atOnce -= 1
    return event
  }
  return {
    broken,
    mostAtOnce: () => most,
    release(name) {
      const device = deviceOf(name)
      return device.pendingUntilMs === null ? device.release : 'pending'
    },
    serves: (name) => gateOf(deviceOf(name), clock.nowMs()).verdict === 'pass',
    nowMs: () => clock.nowMs(),
    wait: (ms, signal) => clock.sleep(ms, signal),
    measure: (state) => Promise.resolve(sightOf(state)),
    move: (state, _rollout, signal) => counted(() => move(state, signal)),
    rollBack: (state, _rollout, signal) => counted(() => rollBack(state, signal)),
    recover({ device: name }) {
      const device = deviceOf(name)
      if (isAway(device)) return Promise.resolve(null)
      const atUnixMs = clock.nowMs()
      if (device.release === 'new') {
        const numbers = { before: 1, after: 2, tookSeconds: null, errorsPerMinuteBefore: 0 }
        return Promise.resolve({ atUnixMs, type: 'moved', device: name, ...numbers })
      }
      return Promise.resolve({
        atUnixMs,
        type: 'returned',
        device: name,
        generation: 1,
        missing: [],
      })
    },
  }

  function isAway(device: Device): boolean {
    return device.ailment === 'gone' && device.newSinceMs > 0
      ? true
      : device.ailment === 'back' && clock.nowMs() < device.newSinceMs + backAfterMs
  }

  function tell(event: Untimed): ActionEvent {
    return { ...event, atUnixMs: clock.nowMs() }
  }

  function sightOf(state: RolloutState): Sight {
    const nowMs = clock.nowMs()
    const sights = plan.members.map(({ device }): [string, DeviceSight] => {
      const phase = state.devices.get(device)?.phase
      const isWatched = phase === 'settling' || phase === 'verifying'
      const isUnseen = deviceOf(device).ailment === 'away'
      const time = isUnseen ? 'unknown' : isGood(device) ? 'good' : 'bad'
      const gate = isWatched ? gateOf(deviceOf(device), nowMs) : null
      return [
        device,
        { time, gate, downtimeSeconds: swapMs / 1000, lastingSeconds: null, veto: null },
      ]
    })
    return {
      nowMs,
      devices: new Map(sights),
      comparison: { verdict: 'pass', detail: '' },
      freeze: null,
    }
  }

  async function move({ device: name }: DeviceState, signal: AbortSignal): Promise<ActionEvent> {
    const device = deviceOf(name)
    const left = { device: name, detail: device.ailment }
    if (device.ailment === 'away')
      return tell({ type: 'not-moved', reason: 'unreachable', ...left })
    if (device.ailment === 'refuses') return tell({ type: 'not-moved', reason: 'refused', ...left })
    if (device.ailment === 'fails') {
      interrupt(name)
      device.awayUntilMs = clock.nowMs() + swapMs + settleMs
      await clock.sleep(swapMs, signal)
      return tell({ type: 'move-failed', ...left })
    }
    const isDone = device.release === 'new' && device.pendingUntilMs === null
    if (!isDone && (await swap(name, 'new', signal)) === 'cut')
      return tell({ type: 'lost', ...left })
    if (device.ailment === 'back' || device.ailment === 'gone') {
      device.pendingUntilMs = clock.nowMs() + options.confirmMs
      return tell({ type: 'lost', ...left })
    }
    const numbers = { before: 1, after: 2, tookSeconds: swapMs / 1000, errorsPerMinuteBefore: 0 }
    return tell({ type: 'moved', device: name, ...numbers })
  }

  async function rollBack(
    { device: name }: DeviceState,
    signal: AbortSignal,
  ): Promise<ActionEvent> {
    const device = deviceOf(name)
    if (device.ailment === 'stubborn') return tell({ type: 'stuck', device: name, detail: 'no' })
    const isDone = device.release === 'old' && device.pendingUntilMs === null
    if (!isDone) {
      const ended = await swap(name, 'old', signal)
      if (ended === 'cut') return tell({ type: 'lost', device: name, detail: 'cut' })
    }
    return tell({ type: 'returned', device: name, generation: 3, missing: [] })
  }
}

type Untimed = ActionEvent extends infer Event
  ? Event extends ActionEvent
    ? Omit<Event, 'atUnixMs'>
    : never
  : never

/** Without its confirmation a device is on the old release again. */
function expire(device: Device, nowMs: number): void {
  if (device.pendingUntilMs === null || nowMs < device.pendingUntilMs) return
  device.pendingUntilMs = null
  device.release = device.release === 'new' ? 'old' : 'new'
}

const soakIllnessMs = 60_000
const flapMs = 20_000

function gateOf(device: Device, nowMs: number): GateVerdict {
  if (device.release === 'new' && device.ailment === 'dead') {
    return { verdict: 'fail', gate: 'container', detail: 'the container exited' }
  }
  if (nowMs < device.awayUntilMs) return { verdict: 'pending', gate: 'synced', detail: 'not yet' }
  if (device.release === 'old') return { verdict: 'pass' }
  switch (device.ailment) {
    case 'sick':
    case 'stubborn':
      return { verdict: 'pending', gate: 'synced', detail: 'never in step' }
    case 'soak':
      return nowMs - device.newSinceMs < settleMs + soakIllnessMs
        ? { verdict: 'pass' }
        : { verdict: 'pending', gate: 'http', detail: '503' }
    case 'flapping':
      return Math.floor(nowMs / flapMs) % 2 === 0
        ? { verdict: 'pass' }
        : { verdict: 'pending', gate: 'truechimer', detail: '50 ms off now and then' }
    case 'inconclusive':
      return { verdict: 'inconclusive', gate: 'truechimer', detail: '1 vote' }
    default:
      return { verdict: 'pass' }
  }
}
