/** Rolling back: the failed device first, then its wave or all that moved, newest first, once only. */
import { applyEvent, type Draft } from './evolve.ts'
import type { RolloutEvent, RolloutResult } from './event.ts'
import { serviceOf, take, whyNotNow } from './may-move.ts'
import { countOf } from './parallel.ts'
import type { Sight } from './sight.ts'
import { stepName } from './start-devices.ts'
import type { DevicePhase, DeviceState } from './state.ts'

export function rollBack(draft: Draft, sight: Sight): RolloutEvent[] {
  const events = [...returnFailed(draft, sight), ...returnScope(draft, sight)]
  const end = endOf(draft, sight)
  return end === null ? events : [...events, end]
}

/** What failed gives no good time, so nothing is taken away by putting it back at once. */
export function returnFailed(draft: Draft, sight: Sight): RolloutEvent[] {
  const failed = [...draft.inProgress].flatMap((name) => {
    const device = draft.devices.get(name)
    return device?.phase === 'failed' ? [device] : []
  })
  return failed.map((device) => intend(device, draft, sight))
}

function intend(device: DeviceState, draft: Draft, sight: Sight): RolloutEvent {
  const step = stepName(draft, device)
  const event: RolloutEvent = {
    atUnixMs: sight.nowMs,
    type: 'return-intended',
    device: device.device,
    step,
  }
  applyEvent(draft, event)
  return event
}

function returnScope(draft: Draft, sight: Sight): RolloutEvent[] {
  const events: RolloutEvent[] = []
  const service = serviceOf(draft, sight)
  let free = slots(draft)
  for (const device of toReturn(draft)) {
    if (free <= 0) break
    // What is settling is out of service already: it takes nothing away to turn it round.
    const isServing = device.phase === 'healthy'
    if (isServing && whyNotNow(device.device, service, draft.started) !== null) continue
    take(service, device.device)
    events.push(intend(device, draft, sight))
    free -= 1
  }
  return events
}

/** Newest first. */
function toReturn(draft: Draft): DeviceState[] {
  const { status } = draft
  if (status.kind !== 'rolling-back') return []
  const isInScope = ({ phase, wave }: DeviceState): boolean => {
    if (phase === 'settling') return true
    if (phase !== 'healthy' || status.scope === 'failed') return false
    return status.scope === 'all' || wave === draft.wave
  }
  return [...draft.devices.values()]
    .filter(isInScope)
    .toSorted((a, b) => (b.movedAs ?? 0) - (a.movedAs ?? 0))
}

const changing: ReadonlySet<DevicePhase> = new Set(['moving', 'returning', 'verifying'])

function slots(draft: Draft): number {
  const limit = countOf(draft.started.settings.max_parallel, draft.devices.size)
  let busy = 0
  for (const name of draft.inProgress) {
    const phase = draft.devices.get(name)?.phase
    if (phase !== undefined && changing.has(phase)) busy += 1
  }
  return limit - busy
}

function endOf(draft: Draft, { nowMs: atUnixMs }: Sight): RolloutEvent | null {
  const { status } = draft
  if (status.kind !== 'rolling-back') return null
  const left = toReturn(draft)
  const devices = [...draft.devices.values()]
  const isBusy = devices.some(
    ({ phase }) => changing.has(phase) || phase === 'failed' || phase === 'lost',
  )
  const isStill = atUnixMs - draft.progressMs >= draft.started.settings.progress_deadline
  if (isBusy || (left.length > 0 && !isStill)) return null
  const result = resultOf(devices, left)
  const event: RolloutEvent = { atUnixMs, type: 'ended', result, why: status.why }
  applyEvent(draft, event)
  return event
}

function resultOf(devices: readonly DeviceState[], left: readonly DeviceState[]): RolloutResult {
  if (left.length > 0 || devices.some(({ phase }) => phase === 'stuck')) return 'needs_attention'
  return devices.some(({ phase }) => phase === 'returned') ? 'rolled_back' : 'aborted'
}
