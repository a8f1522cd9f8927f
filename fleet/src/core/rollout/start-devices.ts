/** Starts devices of the current wave, as far as quorum, neighbours and limits let it. */
import { applyEvent, type Draft } from './evolve.ts'
import type { RolloutEvent } from './event.ts'
import { serviceOf, take, whyNotNow, type Service } from './may-move.ts'
import { countOf } from './parallel.ts'
import type { Sight } from './sight.ts'
import type { DevicePhase, DeviceState, RolloutState } from './state.ts'

export function startDevices(draft: Draft, sight: Sight): RolloutEvent[] {
  const events: RolloutEvent[] = []
  const service = serviceOf(draft, sight)
  let free = freeSlots(draft)
  for (const device of waitingDevices(draft)) {
    if (free <= 0 || blockedForAll(draft, sight) !== null) break
    const event = startOf(device, { draft, sight, service })
    if (event === null) continue
    if (event.type === 'move-intended') {
      take(service, device.device)
      free -= 1
    }
    applyEvent(draft, event)
    events.push(event)
  }
  return events
}

interface Inputs {
  readonly draft: RolloutState
  readonly sight: Sight
  readonly service: Service
}

function startOf(state: DeviceState, { draft, sight, service }: Inputs): RolloutEvent | null {
  const { device } = state
  const atUnixMs = sight.nowMs
  const veto = sight.devices.get(device)?.veto ?? null
  if (veto !== null) {
    if (state.vetoedSinceMs === null) return { atUnixMs, type: 'vetoed', device, detail: veto }
    const isOver = atUnixMs - state.vetoedSinceMs >= draft.started.settings.veto_timeout
    return isOver ? { atUnixMs, type: 'not-moved', device, reason: 'vetoed', detail: veto } : null
  }
  if (whyNotNow(device, service, draft.started) !== null) return null
  return { atUnixMs, type: 'move-intended', device, step: stepName(draft, state) }
}

/** The same for the same intent on one device, which answers a repeated operation from its record. */
export function stepName({ started }: RolloutState, { intents }: DeviceState): string {
  return `${started.rollout}-${intents + 1}`
}

/** Why devices of the current wave that wait are not started: for people who watch. */
export function blockedDevices(state: RolloutState, sight: Sight): ReadonlyMap<string, string> {
  const service = serviceOf(state, sight)
  const all = blockedForAll(state, sight)
  return new Map(
    waitingDevices(state).flatMap(({ device }): [string, string][] => {
      const why =
        all ?? sight.devices.get(device)?.veto ?? whyNotNow(device, service, state.started)
      return why === null ? [] : [[device, why]]
    }),
  )
}

function blockedForAll({ started, lastStartMs }: RolloutState, sight: Sight): string | null {
  if (sight.freeze !== null) return sight.freeze
  const { stagger } = started.settings
  const isSoon = lastStartMs !== null && sight.nowMs - lastStartMs < stagger
  return isSoon ? 'the next one starts after stagger' : null
}

/** Of the current wave, in order. */
export function waitingDevices(state: RolloutState): DeviceState[] {
  const wave = state.started.plan.waves[state.wave]
  return (wave?.devices ?? []).flatMap((name) => {
    const device = state.devices.get(name)
    return device?.phase === 'waiting' ? [device] : []
  })
}

/** In these a device occupies one of `max_parallel`. */
const atWork: ReadonlySet<DevicePhase> = new Set([
  'moving',
  'settling',
  'failed',
  'returning',
  'verifying',
])

export function freeSlots(state: RolloutState): number {
  const { settings, plan } = state.started
  const limit = countOf(settings.max_parallel, plan.waves[state.wave]?.devices.length ?? 1)
  const busy = [...state.inProgress].filter((name) => {
    const phase = state.devices.get(name)?.phase
    return phase !== undefined && atWork.has(phase)
  })
  return limit - busy.length
}
