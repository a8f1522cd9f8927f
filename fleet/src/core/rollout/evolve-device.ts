/** The fold of the journal for one device. */
import type { RolloutEvent } from './event.ts'
import type { DevicePhase, DeviceState, RolloutState } from './state.ts'

export type DeviceEvent = Extract<RolloutEvent, { readonly device: string }>

export function untouchedDevice(device: string, wave: number, sinceMs: number): DeviceState {
  return {
    device,
    wave,
    phase: 'waiting',
    sinceMs,
    step: null,
    intents: 0,
    movedAs: null,
    before: null,
    after: null,
    returnedAs: null,
    reverted: null,
    errorsPerMinuteBefore: null,
    gate: null,
    gateSinceMs: sinceMs,
    silentSinceMs: null,
    soakingSinceMs: null,
    settlingSinceMs: null,
    slips: 0,
    inconclusive: 0,
    counted: null,
    isReleaseToBlame: false,
    vetoedSinceMs: null,
    downtimeSeconds: null,
    settledSeconds: null,
    takenBackFor: '',
    detail: '',
  }
}

/** As at the start, but for the number of its attempts, which each need an id of their own. */
export function turnAgain(
  { device, wave, intents, reverted }: DeviceState,
  sinceMs: number,
): DeviceState {
  return { ...untouchedDevice(device, wave, sinceMs), intents, reverted }
}

type Enter = (phase: DevicePhase, more?: Partial<DeviceState>) => DeviceState

/** What one event makes of the device that it is about. */
export function deviceAfter(
  device: DeviceState,
  event: DeviceEvent,
  rollout: RolloutState,
): DeviceState {
  const enter: Enter = (phase, more = {}) => ({
    ...device,
    phase,
    sinceMs: event.atUnixMs,
    ...more,
  })
  switch (event.type) {
    case 'vetoed':
      return { ...device, vetoedSinceMs: event.atUnixMs, detail: event.detail }
    case 'move-intended':
      return enter('moving', { ...begun(device, event.step), movedAs: rollout.moves })
    case 'moved':
      return enter('settling', {
        ...fresh,
        ...pick(event),
        gate: 'container',
        gateSinceMs: event.atUnixMs,
        settlingSinceMs: event.tookSeconds === null ? null : event.atUnixMs,
      })
    case 'reverted':
      return { ...device, reverted: event.generation, detail: event.detail }
    case 'not-moved':
      return notMoved(device, event, rollout)
    case 'served':
    case 'climbed':
    case 'slipped':
    case 'inconclusive':
      return climb(device, event)
    default:
      return judged(device, event, { enter, rollout })
  }
}

type Judged = Exclude<
  DeviceEvent,
  Climbing | { readonly type: 'vetoed' | 'move-intended' | 'moved' | 'reverted' | 'not-moved' }
>

function judged(
  device: DeviceState,
  event: Judged,
  { enter, rollout }: { readonly enter: Enter; readonly rollout: RolloutState },
): DeviceState {
  switch (event.type) {
    case 'move-failed':
      return enter('verifying', {
        isReleaseToBlame: true,
        counted: 'failed',
        ...because(event),
      })
    case 'lost':
      return enter('lost', { counted: device.counted ?? 'lost', ...because(event) })
    case 'unhealthy':
      return enter('failed', {
        isReleaseToBlame: isToBlame(device),
        counted: isToBlame(device) ? 'failed' : device.counted,
        ...because(event),
      })
    case 'healthy':
      return enter('healthy', { settledSeconds: event.settledSeconds, detail: '' })
    case 'return-intended':
      return enter('returning', begun(device, event.step))
    case 'returned':
      return enter('verifying', {
        ...fresh,
        returnedAs: event.generation,
        ...because({ detail: withMissing(device, event.missing) }),
      })
    case 'verified':
      return isForgiven(device, rollout)
        ? turnAgain(device, event.atUnixMs)
        : enter('returned', { detail: device.takenBackFor })
    case 'stuck':
      return enter('stuck', { detail: event.detail })
  }
}

/** It was lost, and somebody resumed: the release is not to blame. */
function isForgiven({ counted }: DeviceState, { status }: RolloutState): boolean {
  return status.kind === 'running' && counted === null
}

const fresh = {
  soakingSinceMs: null,
  silentSinceMs: null,
  slips: 0,
  inconclusive: 0,
  gate: null,
} as const

function begun(device: DeviceState, step: string): Partial<DeviceState> {
  return { step, intents: device.intents + 1 }
}

function because({ detail }: { readonly detail: string }): Partial<DeviceState> {
  return { detail, takenBackFor: detail }
}

function pick(event: Extract<DeviceEvent, { type: 'moved' }>): Partial<DeviceState> {
  const { before, after, errorsPerMinuteBefore } = event
  return { before, after, returnedAs: null, errorsPerMinuteBefore, detail: '' }
}

/** What was lost in the middle was perhaps never judged. */
function isToBlame({ isReleaseToBlame, phase }: DeviceState): boolean {
  return isReleaseToBlame || phase !== 'lost'
}

type Climbing = Extract<
  DeviceEvent,
  { readonly type: 'served' | 'climbed' | 'slipped' | 'inconclusive' }
>

function climb(device: DeviceState, event: Climbing): DeviceState {
  if (event.type === 'served') return { ...device, downtimeSeconds: event.downtimeSeconds }
  const { detail } = event
  switch (event.type) {
    case 'climbed':
      return { ...device, ...fresh, ...climbed(device, event), detail }
    case 'slipped':
      return { ...device, slips: device.slips + 1, soakingSinceMs: null, detail }
    case 'inconclusive':
      return { ...device, inconclusive: device.inconclusive + 1, detail }
  }
}

/** The time in which it could not be reached is not held against the release. */
function climbed(
  { sinceMs, gate, gateSinceMs, silentSinceMs, soakingSinceMs, settlingSinceMs }: DeviceState,
  event: Extract<DeviceEvent, { type: 'climbed' }>,
): Partial<DeviceState> {
  const { atUnixMs, isSilent } = event
  const silentMs = isSilent || silentSinceMs === null ? 0 : atUnixMs - silentSinceMs
  return {
    sinceMs: sinceMs + silentMs,
    gate: event.gate,
    gateSinceMs: event.gate === gate ? gateSinceMs + silentMs : atUnixMs,
    silentSinceMs: isSilent ? (silentSinceMs ?? atUnixMs) : null,
    soakingSinceMs: event.gate === null ? (soakingSinceMs ?? atUnixMs) : null,
    settlingSinceMs: isSilent ? null : settlingSinceMs,
  }
}

/** What could not be reached may be waited for; what refused the release counts against it. */
function notMoved(
  device: DeviceState,
  event: Extract<DeviceEvent, { type: 'not-moved' }>,
  { started }: RolloutState,
): DeviceState {
  const { unreachable_before: policy } = started.settings
  const { reason, detail } = event
  const isWaited = reason === 'unreachable' && policy === 'wait'
  const isCounted =
    reason === 'refused' || reason === 'shadow' || (reason === 'unreachable' && policy === 'fail')
  return {
    ...device,
    phase: isWaited ? 'waiting' : 'not-reached',
    sinceMs: event.atUnixMs,
    movedAs: null,
    counted: isCounted ? 'failed' : device.counted,
    isReleaseToBlame: device.isReleaseToBlame || reason === 'shadow',
    detail,
  }
}

function withMissing({ takenBackFor: detail }: DeviceState, missing: readonly string[]): string {
  if (missing.length === 0) return detail
  const words = `not had back: ${missing.join(', ')}`
  return detail === '' ? words : `${detail}; ${words}`
}
