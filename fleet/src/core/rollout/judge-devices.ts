/** Devices that were changed: which of them climbed, passed, slipped, failed. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { applyEvent, type Draft } from './evolve.ts'
import type { RolloutEvent } from './event.ts'
import type { GateVerdict, Sight } from './sight.ts'
import type { DeviceState, RolloutState } from './state.ts'

/** One bad look is weather; so many in a row are a finding. */
const looksInARow = 3

export function judgeDevices(draft: Draft, sight: Sight): RolloutEvent[] {
  const events: RolloutEvent[] = []
  const say = (event: RolloutEvent | null): void => {
    if (event === null) return
    applyEvent(draft, event)
    events.push(event)
  }
  const look = (name: string, rule: Rule): void => {
    const device = draft.devices.get(name)
    const gate = sight.devices.get(name)?.gate ?? null
    if (device !== undefined) say(rule(device, gate, { draft, sight }))
  }
  for (const name of [...draft.inProgress]) {
    look(name, measureDowntime)
    look(name, judge)
  }
  return events
}

interface Inputs {
  readonly draft: Draft
  readonly sight: Sight
}

type Rule = (device: DeviceState, gate: GateVerdict | null, inputs: Inputs) => RolloutEvent | null

function measureDowntime(
  { device, phase, downtimeSeconds }: DeviceState,
  _gate: GateVerdict | null,
  { sight }: Inputs,
): RolloutEvent | null {
  const measured = sight.devices.get(device)?.downtimeSeconds ?? null
  if (phase !== 'settling' || downtimeSeconds !== null || measured === null) return null
  return { atUnixMs: sight.nowMs, type: 'served', device, downtimeSeconds: measured }
}

function judge(device: DeviceState, gate: GateVerdict | null, inputs: Inputs): RolloutEvent | null {
  switch (device.phase) {
    case 'settling':
      return gapTooLong(device, gate, inputs) ?? judgeSettling(device, gate, inputs)
    case 'verifying':
      return judgeOld(device, gate, inputs)
    case 'lost':
      return judgeLost(device, inputs)
    default:
      return null
  }
}

function judgeSettling(
  device: DeviceState,
  gate: GateVerdict | null,
  inputs: Inputs,
): RolloutEvent | null {
  const at = { atUnixMs: inputs.sight.nowMs, device: device.device }
  switch (gate?.verdict) {
    case 'pass':
      return pass(device, inputs)
    case 'fail':
      return { ...at, type: 'unhealthy', detail: gate.detail }
    case 'inconclusive':
      return { ...at, type: 'inconclusive', detail: gate.detail }
    case 'pending':
      return (
        tooLate(device, gate.detail, inputs) ??
        stuckOn(device, gate, inputs) ??
        notYet(device, gate, inputs)
      )
    case 'unreached':
      return lostAfter(
        tooLate(device, gate.detail, inputs) ??
          stuckOn(device, gate, inputs) ??
          notYet(device, gate, inputs),
      )
    case undefined:
      return lostAfter(tooLate(device, 'it could not be reached', inputs))
  }
}

/** What is silent was not judged: it is looked for, and judged when it answers again. */
function lostAfter(event: RolloutEvent | null): RolloutEvent | null {
  return event?.type === 'unhealthy' ? { ...event, type: 'lost' } : event
}

/** It had its time to climb. */
function tooLate(
  { device, sinceMs, soakingSinceMs, slips }: DeviceState,
  what: string,
  { draft, sight: { nowMs: atUnixMs } }: Inputs,
): RolloutEvent | null {
  const limitMs = settleLimitMs(draft, device)
  const isClimbing = soakingSinceMs === null && slips === 0
  if (!isClimbing || atUnixMs - sinceMs < limitMs) return null
  const detail = `not healthy after ${formatSpan(limitMs)}: ${what}`
  return { atUnixMs, type: 'unhealthy', device, detail }
}

/** Each gate has its own time, so that a container that does not come up is not waited for at length. */
function stuckOn(
  { device, gate, gateSinceMs, soakingSinceMs, slips }: DeviceState,
  found: Standing,
  { draft, sight: { nowMs: atUnixMs } }: Inputs,
): RolloutEvent | null {
  const limitMs = draft.started.settings.gates.deadlines[found.gate]
  const isClimbing = soakingSinceMs === null && slips === 0 && gate === found.gate
  if (!isClimbing || atUnixMs - gateSinceMs < limitMs) return null
  const detail = `${found.gate} does not hold after ${formatSpan(limitMs)}: ${found.detail}`
  return { atUnixMs, type: 'unhealthy', device, detail }
}

type Standing = Extract<GateVerdict, { readonly gate: unknown }>

/** While it climbs that is progress or patience; in the soak it is a slip. */
function notYet(
  { device, wave, sinceMs, silentSinceMs, soakingSinceMs, slips, inconclusive, gate }: DeviceState,
  found: Standing,
  { draft, sight: { nowMs: atUnixMs } }: Inputs,
): RolloutEvent | null {
  const { detail } = found
  if (soakingSinceMs === null && slips === 0) {
    const isSilent = found.verdict === 'unreached'
    const isKnown = gate === found.gate && isSilent === (silentSinceMs !== null)
    if (isKnown && inconclusive === 0) return null
    return { atUnixMs, type: 'climbed', device, gate: found.gate, isSilent, detail }
  }
  // Else one that slips again and again would begin its soak anew for ever.
  const hadItsTime = atUnixMs - sinceMs >= settleLimitMs(draft, device) + soakMs(draft, wave)
  if (slips + 1 < looksInARow && !hadItsTime) return { atUnixMs, type: 'slipped', device, detail }
  return { atUnixMs, type: 'unhealthy', device, detail: `failed in the soak: ${detail}` }
}

/** Over or not, healthy afterwards or not: the clients were without it longer than was agreed. */
function gapTooLong(
  { device, downtimeSeconds }: DeviceState,
  gate: GateVerdict | null,
  { draft, sight }: Inputs,
): RolloutEvent | null {
  if (gate?.verdict === 'unreached') return null
  const limitMs = draft.started.settings.gates.max_downtime
  const seconds = downtimeSeconds ?? sight.devices.get(device)?.lastingSeconds ?? null
  if (seconds === null || seconds * 1000 <= limitMs) return null
  const detail = `served no good time for ${Math.round(seconds)} s; ${limitMs / 1000} s are allowed`
  return { atUnixMs: sight.nowMs, type: 'unhealthy', device, detail }
}

function pass(device: DeviceState, { draft, sight }: Inputs): RolloutEvent | null {
  const atUnixMs = sight.nowMs
  const { device: name, soakingSinceMs, inconclusive } = device
  if (soakingSinceMs === null || inconclusive > 0) {
    return { atUnixMs, type: 'climbed', device: name, gate: null, isSilent: false, detail: '' }
  }
  if (atUnixMs - soakingSinceMs < soakMs(draft, device.wave)) return null
  const { settlingSinceMs } = device
  const settledSeconds = settlingSinceMs === null ? null : (soakingSinceMs - settlingSinceMs) / 1000
  return { atUnixMs, type: 'healthy', device: name, settledSeconds }
}

/** It was rolled back; nothing is undone twice. */
function judgeOld(
  { device, sinceMs }: DeviceState,
  gate: GateVerdict | null,
  { draft, sight }: Inputs,
): RolloutEvent | null {
  const atUnixMs = sight.nowMs
  if (gate?.verdict === 'pass') return { atUnixMs, type: 'verified', device }
  const limitMs = draft.started.settings.healthy_deadline
  if (atUnixMs - sinceMs < limitMs) return null
  const detail = `on the old release, and not serving after ${formatSpan(limitMs)}: ${gate?.detail ?? 'no look'}`
  return { atUnixMs, type: 'stuck', device, detail }
}

/** It is looked for as long as a device may take to be healthy; then somebody must go there. */
function judgeLost(
  { device, sinceMs, detail }: DeviceState,
  { draft, sight }: Inputs,
): RolloutEvent | null {
  const atUnixMs = sight.nowMs
  const limitMs = draft.started.settings.healthy_deadline
  if (atUnixMs - sinceMs < limitMs) return null
  return { atUnixMs, type: 'stuck', device, detail: `not reached since it was changed: ${detail}` }
}

/** Time that a changed device has until all gates hold. */
export function settleLimitMs({ started }: RolloutState, device: string): number {
  return started.settleLimitsMs[device] ?? started.settings.healthy_deadline
}

/** How long all gates must hold: a canary is watched for longer. */
export function soakMs({ started: { plan, settings } }: RolloutState, wave: number): number {
  const isCanary = plan.waves[wave]?.kind === 'canary'
  return isCanary
    ? Math.max(settings.canary.soak, settings.min_healthy_time)
    : settings.min_healthy_time
}

/** Devices of which too many consecutive checks could not be judged. */
export function inconclusiveDevices(draft: RolloutState): readonly DeviceState[] {
  return [...draft.inProgress].flatMap((name) => {
    const device = draft.devices.get(name)
    return device !== undefined && device.inconclusive >= looksInARow ? [device] : []
  })
}
