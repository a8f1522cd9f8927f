/** The fold of the journal: `(state, events) -> state`. Total: any journal gives a state. */
import type { RolloutEvent, Started } from './event.ts'
import { deviceAfter, turnAgain, untouchedDevice, type DeviceEvent } from './evolve-device.ts'
import type { DevicePhase, DeviceState, RolloutState, RolloutStatus } from './state.ts'

/** The state after `started`, the first event of every journal. */
export function beginRollout(started: Started & { readonly atUnixMs: number }): RolloutState {
  const { atUnixMs } = started
  const devices = started.plan.waves.flatMap((wave, index) =>
    wave.devices.map((device): [string, DeviceState] => [
      device,
      untouchedDevice(device, index, atUnixMs),
    ]),
  )
  return {
    started,
    startedMs: atUnixMs,
    status: { kind: 'running' },
    wave: -1,
    promotedWave: -2,
    progressMs: atUnixMs,
    lastStartMs: null,
    devices: new Map(devices),
    inProgress: new Set(),
    scope: 'failed',
    isBlocked: false,
    seen: { failed: 0, lost: 0 },
    forgiven: { failed: 0, lost: 0 },
    moves: 0,
    events: 1,
  }
}

export function evolve(state: RolloutState, events: readonly RolloutEvent[]): RolloutState {
  const draft = openDraft(state)
  for (const event of events) applyEvent(draft, event)
  return draft
}

/** `null`: the journal does not begin with `started`. */
export function replay(events: Iterable<RolloutEvent>): RolloutState | null {
  let draft: Draft | null = null
  for (const event of events) {
    if (draft !== null) applyEvent(draft, event)
    else if (event.type === 'started') draft = openDraft(beginRollout(event))
    else return null
  }
  return draft
}

/** A state that may be changed in place, so that a batch of events costs one copy. */
export type Draft = { -readonly [key in keyof RolloutState]: RolloutState[key] } & {
  devices: Map<string, DeviceState>
  inProgress: Set<string>
}

export function openDraft(state: RolloutState): Draft {
  return { ...state, devices: new Map(state.devices), inProgress: new Set(state.inProgress) }
}

export function applyEvent(draft: Draft, event: RolloutEvent): void {
  draft.events += 1
  if ('device' in event) applyToDevice(draft, event)
  else applyToRollout(draft, event)
}

type FleetEvent = Exclude<RolloutEvent, { readonly device: string }>

function applyToDevice(draft: Draft, event: DeviceEvent): void {
  const before = draft.devices.get(event.device)
  if (before === undefined) return
  const after = deviceAfter(before, event, draft)
  draft.devices.set(event.device, after)
  if (motionless.has(after.phase)) draft.inProgress.delete(event.device)
  else draft.inProgress.add(event.device)
  if (event.type === 'move-intended') {
    draft.moves += 1
    draft.lastStartMs = event.atUnixMs
  }
  if (isProgress(event, before)) draft.progressMs = event.atUnixMs
}

/** The first start of a device, too: after a freeze there was none for a long time. */
function isProgress({ type }: DeviceEvent, { intents }: DeviceState): boolean {
  return type === 'healthy' || type === 'verified' || (type === 'move-intended' && intents === 0)
}

const motionless: ReadonlySet<DevicePhase> = new Set([
  'waiting',
  'healthy',
  'returned',
  'not-reached',
])

function applyToRollout(draft: Draft, event: FleetEvent): void {
  if (event.type !== 'paused') draft.progressMs = event.atUnixMs
  switch (event.type) {
    case 'started':
      return
    case 'wave-started':
      draft.wave = event.wave
      return
    case 'wave-passed':
      return
    case 'rolling-back':
      draft.status = { kind: 'rolling-back', why: event.why, scope: event.scope }
      draft.scope = event.scope
      draft.isBlocked ||= event.isReleaseToBlame
      return
    case 'paused':
      if (draft.status.kind !== 'running') return
      draft.status = { kind: 'paused', why: event.why, awaits: event.awaits }
      draft.seen = countBad(draft)
      return
    case 'promoted':
      promote(draft, event)
      return
    case 'resumed':
      carryOn(draft, event)
      return
    case 'ended':
      draft.status = { kind: 'ended', result: event.result, why: event.why }
      draft.seen = countBad(draft)
      leaveRest(draft, event)
  }
}

/** Of a rollout that is over: those that were held back. It stood still unless it was running. */
function promote(draft: Draft, event: FleetEvent): void {
  draft.promotedWave = draft.status.kind === 'ended' ? draft.wave + 1 : draft.wave
  if (draft.status.kind !== 'running') carryOn(draft, event)
}

/**
 * Time stood still: what was settling or rolling back begins its wait anew. Who resumes what was
 * paused has seen what went wrong before; nobody has what came after, or when a runner died.
 */
function carryOn(draft: Draft, event: FleetEvent): void {
  draft.forgiven = draft.seen
  if (event.type === 'resumed' && draft.status.kind === 'paused') tryAgain(draft, event)
  draft.status = statusAfter(draft)
  for (const [name, device] of draft.devices) {
    if (draft.inProgress.has(name)) draft.devices.set(name, waitAnew(device, event))
    else if (device.vetoedSinceMs !== null && device.phase === 'waiting') {
      draft.devices.set(name, { ...device, vetoedSinceMs: event.atUnixMs })
    }
  }
}

/**
 * Devices of this wave that could not be reached, were not ready, or were lost in the middle have
 * their turn again, since who resumes has seen to it: that is no fault of the release. What refused
 * or failed it stays as it is; `promote` goes on without all.
 */
function tryAgain(draft: Draft, { atUnixMs }: FleetEvent): void {
  for (const [name, device] of draft.devices) {
    if (device.wave !== draft.wave) continue
    if (device.phase === 'not-reached' && device.counted === null) {
      draft.devices.set(name, turnAgain(device, atUnixMs))
    }
    if (device.counted !== 'lost') continue
    draft.forgiven = { ...draft.forgiven, lost: Math.max(0, draft.forgiven.lost - 1) }
    const isBack = device.phase === 'returned'
    draft.devices.set(name, isBack ? turnAgain(device, atUnixMs) : { ...device, counted: null })
  }
}

function waitAnew(device: DeviceState, { atUnixMs }: FleetEvent): DeviceState {
  return {
    ...device,
    phase: device.phase === 'stuck' ? 'lost' : device.phase,
    sinceMs: atUnixMs,
    gateSinceMs: atUnixMs,
    soakingSinceMs: device.soakingSinceMs === null ? null : atUnixMs,
    settlingSinceMs: null,
    slips: 0,
    inconclusive: 0,
  }
}

/** A rollout that needs attention is taken up to repair what it owes; nothing else is moved. */
function statusAfter({ status, scope }: Draft): RolloutStatus {
  if (status.kind === 'paused') return { kind: 'running' }
  if (status.kind !== 'ended') return status
  return status.result === 'done'
    ? { kind: 'running' }
    : { kind: 'rolling-back', why: status.why, scope }
}

/** How many devices count against the limits of `abort`. */
export function countBad(state: RolloutState): { failed: number; lost: number } {
  const counts = { failed: 0, lost: 0 }
  for (const { counted } of state.devices.values()) if (counted !== null) counts[counted] += 1
  return counts
}

/** Those that were held back on purpose are still to come. */
function leaveRest(draft: Draft, event: FleetEvent & { readonly type: 'ended' }): void {
  for (const [name, device] of draft.devices) {
    const isHeldBack = draft.started.plan.waves[device.wave]?.kind === 'held-back'
    if (device.phase !== 'waiting' || (isHeldBack && event.result === 'done')) continue
    const detail = 'the rollout ended before it'
    draft.devices.set(name, { ...device, phase: 'not-reached', sinceMs: event.atUnixMs, detail })
  }
}
