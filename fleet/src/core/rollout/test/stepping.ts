/** A rollout stepped by hand: what is seen goes in, what is decided comes out. No device acts. */
import { decide } from '../decide.ts'
import type { RolloutEvent } from '../event.ts'
import { beginRollout, evolve } from '../evolve.ts'
import type { Member, QuorumSet, Wave } from '../plan.ts'
import { rolloutSettings } from '../settings.ts'
import type { DeviceSight, GateVerdict, Sight } from '../sight.ts'
import type { RolloutState } from '../state.ts'
import { started } from './events.ts'

export interface Steps {
  /** One check, so long after the last; the events it led to. Devices not named give good time. */
  look(seen?: Seen): readonly RolloutEvent[]
  /** What happened on devices, or what an operator said. */
  tell(...events: readonly Untimed[]): void
  /** Looks until the device is on the new release and its soak began. */
  settle(...devices: readonly string[]): void
  /** Through the canary and so on: moves what is to be moved, until this wave has begun. */
  reach(wave: number): void
  sight(seen?: Seen): Sight
  state(): RolloutState
}

export interface Seen {
  readonly afterMs?: number
  readonly devices?: Readonly<Record<string, Partial<DeviceSight>>>
  readonly freeze?: string
  readonly comparison?: Sight['comparison']
}

type Untimed = RolloutEvent extends infer Event
  ? Event extends RolloutEvent
    ? Omit<Event, 'atUnixMs'>
    : never
  : never

export interface Beginning {
  readonly waves: readonly Wave[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly members?: readonly Member[]
  readonly quorum?: readonly QuorumSet[]
  readonly settleLimitsMs?: Readonly<Record<string, number>>
}

/** Settings under which times are easily told apart; `interval` passes between two looks. */
const quick = {
  min_healthy_time: '60s',
  healthy_deadline: '10m',
  progress_deadline: '20m',
  canary: { soak: '60s' },
}
export const intervalMs = 15_000

export function openSteps({ waves, settings = {}, ...more }: Beginning): Steps {
  const names = waves.flatMap(({ devices }) => devices)
  let state = beginRollout({
    ...started,
    plan: {
      ...started.plan,
      waves,
      members: more.members ?? names.map((device) => lonely(device)),
      quorum: more.quorum ?? [],
    },
    settings: rolloutSettings.parse({ ...quick, ...settings }),
    settleLimitsMs: more.settleLimitsMs ?? {},
  })
  let nowMs = started.atUnixMs
  const steps: Steps = {
    state: () => state,
    sight({ devices = {}, freeze, comparison } = {}) {
      const all = state.started.plan.members.map(({ device }): [string, DeviceSight] => {
        const isMoving = state.inProgress.has(device)
        const usual: DeviceSight = {
          time: isMoving ? 'bad' : 'good',
          gate: isMoving ? pass : null,
          downtimeSeconds: null,
          lastingSeconds: null,
          veto: null,
        }
        return [device, { ...usual, ...devices[device] }]
      })
      return {
        nowMs,
        devices: new Map(all),
        comparison: comparison === undefined ? { verdict: 'pass', detail: '' } : comparison,
        freeze: freeze ?? null,
      }
    },
    look(seen = {}) {
      nowMs += seen.afterMs ?? intervalMs
      const events = decide(state, steps.sight(seen))
      state = evolve(state, events)
      return events
    },
    tell(...events) {
      for (const event of events) state = evolve(state, [{ ...event, atUnixMs: nowMs }])
    },
    settle(...devices) {
      for (const device of devices) {
        const isMoving = state.devices.get(device)?.phase === 'moving'
        if (!isMoving) steps.tell({ type: 'move-intended', device, step: `${device}-1` })
        steps.tell(moved(device))
      }
      steps.look()
    },
    reach(wave) {
      for (let looks = 0; state.wave < wave && looks < 100; looks += 1) {
        const moving = [...state.devices.values()].filter(({ phase }) => phase === 'moving')
        steps.tell(...moving.map(({ device }) => moved(device)))
        steps.look({ afterMs: 60_000 })
      }
    },
  }
  return steps
}

export const pass: GateVerdict = { verdict: 'pass' }
export const pending: GateVerdict = { verdict: 'pending', gate: 'synced', detail: 'not in step' }
export const unreached: GateVerdict = {
  verdict: 'unreached',
  gate: 'container',
  detail: 'cannot check the device: no route',
}
export const failing: GateVerdict = { verdict: 'fail', gate: 'truechimer', detail: '40 ms off' }
export const inconclusive: GateVerdict = {
  verdict: 'inconclusive',
  gate: 'offset',
  detail: '1 vote',
}

export function moved(device: string): Untimed {
  return { type: 'moved', device, before: 1, after: 2, tookSeconds: 4, errorsPerMinuteBefore: 0 }
}

export function wave(...devices: readonly string[]): Wave {
  return { kind: 'wave', devices }
}

export function canary(...devices: readonly string[]): Wave {
  return { kind: 'canary', devices }
}

/** It follows nobody of the fleet, and nobody follows it. */
export function lonely(device: string): Member {
  return { device, role: 'stratum2', site: null, upstreams: [], hasOutsideSources: true }
}

/** `move-intended a`: type and device, or type and number of the wave. */
export function words(events: readonly RolloutEvent[]): readonly string[] {
  return events.map((event) => {
    if ('device' in event) return `${event.type} ${event.device}`
    return 'wave' in event ? `${event.type} ${event.wave}` : event.type
  })
}
