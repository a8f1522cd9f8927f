/** A running rollout: ends what must end, passes waves that are complete, starts devices. */
import { applyEvent, type Draft } from './evolve.ts'
import type { RolloutEvent } from './event.ts'
import { inconclusiveDevices } from './judge-devices.ts'
import { isReleaseToBlame, limitReached } from './limits.ts'
import type { Wave } from './plan.ts'
import { returnFailed } from './roll-back.ts'
import type { Sight } from './sight.ts'
import { startDevices } from './start-devices.ts'
import type { DevicePhase, DeviceState } from './state.ts'

export function advanceWaves(draft: Draft, sight: Sight): RolloutEvent[] {
  const events: RolloutEvent[] = []
  const say = (event: RolloutEvent): void => {
    applyEvent(draft, event)
    events.push(event)
  }
  const halt = haltOf(draft, sight)
  if (halt !== null) {
    // Nobody is left on what failed while somebody is waited for.
    if (halt.type === 'paused' && isPuttingBack(draft)) return returnFailed(draft, sight)
    say(halt)
    return events
  }
  if (isComplete(draft, sight)) for (const event of passWave(draft, sight)) say(event)
  if (draft.status.kind !== 'running') return events
  for (const event of returnFailed(draft, sight)) events.push(event)
  for (const event of startDevices(draft, sight)) events.push(event)
  if (isStill(draft, sight)) {
    say(pause(sight.nowMs, 'no device became healthy within progress_deadline'))
  }
  return events
}

const puttingBack: ReadonlySet<DevicePhase> = new Set(['failed', 'returning', 'verifying'])

function isPuttingBack({ devices, inProgress }: Draft): boolean {
  return [...inProgress].some((name) => puttingBack.has(devices.get(name)?.phase ?? 'waiting'))
}

/** Asked last: what can be started after a freeze is progress. */
function isStill({ progressMs, started }: Draft, { nowMs, freeze }: Sight): boolean {
  return freeze === null && nowMs - progressMs >= started.settings.progress_deadline
}

/** Why a running rollout must not go on, as the event that says so. */
function haltOf(draft: Draft, { nowMs: atUnixMs }: Sight): RolloutEvent | null {
  const { settings } = draft.started
  const limit = limitReached(draft)
  if (limit !== null) {
    if (settings.on_abort === 'pause') return pause(atUnixMs, limit)
    const scope = settings.on_abort === 'rollback_all' ? 'all' : 'wave'
    const blame = { isReleaseToBlame: isReleaseToBlame(draft) }
    return { atUnixMs, type: 'rolling-back', why: limit, scope, ...blame }
  }
  const [inconclusive] = inconclusiveDevices(draft)
  if (inconclusive === undefined) return null
  return pause(atUnixMs, `${inconclusive.device} cannot be judged: ${inconclusive.detail}`)
}

function pause(
  atUnixMs: number,
  why: string,
  awaits: 'resume' | 'promotion' = 'resume',
): RolloutEvent {
  return { atUnixMs, type: 'paused', by: 'timeball', why, awaits }
}

const finished: ReadonlySet<DevicePhase> = new Set([
  'healthy',
  'returned',
  'not-reached',
  'stuck',
  'lost',
])

/** Also true before the first wave. What is lost reverts by itself: so long it is waited for. */
function isComplete(draft: Draft, { nowMs }: Sight): boolean {
  const { confirm_timeout } = draft.started.settings
  return waveDevices(draft).every(({ phase, sinceMs }) => {
    return finished.has(phase) && (phase !== 'lost' || nowMs - sinceMs >= confirm_timeout)
  })
}

function waveDevices(draft: Draft): DeviceState[] {
  const wave = draft.started.plan.waves[draft.wave]
  return (wave?.devices ?? []).flatMap((name) => draft.devices.get(name) ?? [])
}

function passWave(draft: Draft, sight: Sight): RolloutEvent[] {
  const wave = draft.started.plan.waves[draft.wave]
  if (wave === undefined) return nextWave(draft, sight)
  if (wave.kind === 'canary' && isUncompared(draft, sight)) return []
  const doubt = doubtAbout(draft, wave, sight)
  if (doubt !== null) return [doubt]
  const next = nextWave(draft, sight)
  if (next.length === 0) return []
  const detail = wave.kind === 'canary' ? (sight.comparison?.detail ?? '') : ''
  return [{ atUnixMs: sight.nowMs, type: 'wave-passed', wave: draft.wave, detail }, ...next]
}

/** Empty while nothing may be started; the end after the last, or before those that are kept. */
function nextWave(draft: Draft, { nowMs: atUnixMs, freeze }: Sight): RolloutEvent[] {
  const next = draft.started.plan.waves[draft.wave + 1]
  const isHeldBack = next?.kind === 'held-back' && draft.promotedWave <= draft.wave
  if (next === undefined || isHeldBack) return [end(draft, atUnixMs)]
  if (freeze !== null) return []
  return [{ atUnixMs, type: 'wave-started', wave: draft.wave + 1 }]
}

/** They passed, and there were too few looks to compare them with those that did not change. */
function isUncompared(draft: Draft, { comparison }: Sight): boolean {
  return comparison === null && waveDevices(draft).every(({ phase }) => phase === 'healthy')
}

/** A wave of which nothing was learned is no success, and neither is a canary that was not there. */
function doubtAbout(draft: Draft, wave: Wave, sight: Sight): RolloutEvent | null {
  const atUnixMs = sight.nowMs
  const isPromoted = draft.promotedWave >= draft.wave
  const devices = waveDevices(draft)
  const passed = devices.filter(({ phase }) => phase === 'healthy')
  const isUntested = wave.kind === 'canary' ? passed.length < devices.length : passed.length === 0
  if (isUntested && !isPromoted) {
    const names = devices.filter(({ phase }) => phase !== 'healthy').map(({ device }) => device)
    return pause(atUnixMs, `${wave.kind} not passed by ${names.join(', ')}`, 'promotion')
  }
  if (wave.kind !== 'canary' || isPromoted) return null
  const { comparison } = sight
  if (comparison?.verdict === 'fail') {
    const why = `worse than devices that were not changed: ${comparison.detail}`
    return { atUnixMs, type: 'rolling-back', why, scope: 'wave', isReleaseToBlame: true }
  }
  if (comparison?.verdict === 'inconclusive') {
    const why = `canaries cannot be compared: ${comparison.detail}`
    return pause(atUnixMs, why, 'promotion')
  }
  const isManual = draft.started.settings.canary.promote === 'manual'
  return isManual ? pause(atUnixMs, 'the canaries passed', 'promotion') : null
}

function end(draft: Draft, atUnixMs: number): RolloutEvent {
  const unsure = [...draft.devices.values()]
    .filter(({ phase }) => phase === 'stuck' || phase === 'lost')
    .map(({ device }) => device)
  if (unsure.length > 0) {
    return { atUnixMs, type: 'ended', result: 'needs_attention', why: `see ${unsure.join(', ')}` }
  }
  return { atUnixMs, type: 'ended', result: 'done', why: '' }
}
