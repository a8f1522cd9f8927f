/** What an event tells, as one line: the progress of a rollout, and the rows of its timeline. */
import type { Tone } from '../../table.ts'
import type { RolloutEvent, RolloutResult } from '../event.ts'
import type { RolloutPlan } from '../plan.ts'
import { releaseText } from './release-text.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { waveName } from './waves.ts'

export interface EventLine {
  /** A device, a wave, or `rollout`. */
  readonly subject: string
  readonly text: string
  readonly tone: Tone | null
}

export function eventLine(event: RolloutEvent, plan: RolloutPlan): EventLine {
  if (!('device' in event)) return fleetLine(event, plan)
  if (!('detail' in event)) return stepLine(event)
  if (event.type === 'climbed') {
    const text = event.gate === null ? 'all gates hold: it soaks' : `${event.gate}: ${event.detail}`
    return { subject: event.device, text, tone: 'dim' }
  }
  if (event.type === 'reverted') {
    const text = `generation ${event.generation} is reverted: ${event.detail}`
    return { subject: event.device, text, tone: 'warn' }
  }
  const { words, tone } = reasons[event.type]
  return { subject: event.device, text: withReason(words, event.detail), tone }
}

type DeviceEvent = Extract<RolloutEvent, { readonly device: string }>
type ReasonedEvent = Exclude<
  Extract<DeviceEvent, { readonly detail: string }>,
  { type: 'climbed' | 'reverted' }
>

const reasons = {
  vetoed: { words: 'not ready', tone: 'warn' },
  'not-moved': { words: 'left on the old release', tone: 'warn' },
  'move-failed': { words: 'the change failed, the old release is back', tone: 'bad' },
  lost: { words: 'lost', tone: 'bad' },
  slipped: { words: 'slipped', tone: 'warn' },
  inconclusive: { words: 'cannot be judged', tone: 'warn' },
  unhealthy: { words: 'unhealthy', tone: 'bad' },
  stuck: { words: 'stuck', tone: 'bad' },
} as const satisfies Record<ReasonedEvent['type'], { readonly words: string; readonly tone: Tone }>

function stepLine(event: Exclude<DeviceEvent, { readonly detail: string }>): EventLine {
  const line = (text: string, tone: Tone | null = null): EventLine => ({
    subject: event.device,
    text,
    tone,
  })
  switch (event.type) {
    case 'move-intended':
      return line('moves', 'dim')
    case 'moved':
      return line(`generation ${event.before} -> ${event.after}${tookText(event.tookSeconds)}`)
    case 'served':
      return line(`serves again: ${gapText(event.downtimeSeconds)} without a good answer`, 'dim')
    case 'healthy':
      return line(`healthy${settledText(event.settledSeconds)}`, 'good')
    case 'return-intended':
      return line('rolls back', 'warn')
    case 'returned':
      return line(`back, as generation ${event.generation}${missingText(event.missing)}`, 'warn')
    case 'verified':
      return line('the old release serves good time', 'good')
  }
}

function fleetLine(event: Exclude<RolloutEvent, DeviceEvent>, plan: RolloutPlan): EventLine {
  switch (event.type) {
    case 'started': {
      const devices = plan.waves.reduce((sum, wave) => sum + wave.devices.length, 0)
      const text = `${releaseText(event.release)} to ${counted(devices, 'device')} in ${counted(plan.waves.length, 'wave')}`
      return { subject: 'rollout', text, tone: null }
    }
    case 'wave-started': {
      const devices = plan.waves[event.wave]?.devices.length ?? 0
      const text = `begins with ${counted(devices, 'device')}`
      return { subject: waveName(plan, event.wave), text, tone: null }
    }
    case 'wave-passed':
      return {
        subject: waveName(plan, event.wave),
        text: withReason('passed', event.detail),
        tone: 'good',
      }
    case 'rolling-back': {
      const blocks = blockText(event.isReleaseToBlame)
      const text = `${scopes[event.scope]}: ${event.why}; ${blocks}`
      return { subject: 'rollout', text, tone: 'bad' }
    }
    case 'ended':
      return {
        subject: 'rollout',
        text: withReason(resultText(event.result), event.why),
        tone: event.result === 'done' ? 'good' : 'bad',
      }
    default: {
      const text = withReason(`${event.type} by ${event.by}`, event.why)
      return { subject: 'rollout', text, tone: event.type === 'paused' ? 'warn' : null }
    }
  }
}

const scopes = {
  failed: 'what failed rolls back',
  wave: 'the wave rolls back',
  all: 'all that moved rolls back',
} as const

/** Only a release that is to blame is blocked. */
export function blockText(isBlocked: boolean): string {
  return isBlocked
    ? 'the release is blocked'
    : 'the release is not blocked, since nothing shows that it is at fault'
}

/** `rolled_back` -> `rolled back` */
export function resultText(result: RolloutResult): string {
  return result.replaceAll('_', ' ')
}

/** `2.5 s`, `0 s`; `?` where it was not measured. */
export function gapText(downtimeSeconds: number | null): string {
  return downtimeSeconds === null ? '?' : `${Number(downtimeSeconds.toFixed(1))} s`
}

export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}

/** `paused: lunch`; the words alone where there is no reason. */
export function withReason(words: string, reason: string): string {
  return reason === '' ? words : `${words}: ${reason}`
}

function tookText(tookSeconds: number | null): string {
  return tookSeconds === null ? '' : ` in ${formatSpan(tookSeconds * 1000)}`
}

function settledText(settledSeconds: number | null): string {
  return settledSeconds === null ? '' : `, settled in ${formatSpan(settledSeconds * 1000)}`
}

function missingText(missing: readonly string[]): string {
  return missing.length === 0 ? '' : `; not had back: ${missing.join(', ')}`
}
