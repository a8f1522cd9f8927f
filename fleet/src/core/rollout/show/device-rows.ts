/** Devices of a rollout as rows: what each of them is at, and what it waits for. */
import type { Column, Tone } from '../../table.ts'
import { settleLimitMs, soakMs } from '../judge-devices.ts'
import type { DevicePhase, DeviceState, RolloutState } from '../state.ts'
import { gapText } from './event-line.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { waveName } from './waves.ts'

export interface DeviceRow {
  readonly device: DeviceState
  readonly wave: string
  /** `gps, 12 min 04 s left`, `soaks, 48 s left`, or for how long it has been so. */
  readonly step: string
  readonly why: string
}

/** `blocked`: why devices that wait are not started. */
export function deviceRows(
  state: RolloutState,
  nowMs: number,
  blocked: ReadonlyMap<string, string>,
): readonly DeviceRow[] {
  const { plan } = state.started
  return [...state.devices.values()].map((device) => ({
    device,
    wave: waveName(plan, device.wave),
    step: stepText(device, state, nowMs),
    why: blocked.get(device.device) ?? device.detail,
  }))
}

/** Ms until the soak is over; `null`: it does not soak. */
export function soakLeftMs(device: DeviceState, state: RolloutState, nowMs: number): number | null {
  const { phase, soakingSinceMs, wave } = device
  if (phase !== 'settling' || soakingSinceMs === null) return null
  return Math.max(0, soakingSinceMs + soakMs(state, wave) - nowMs)
}

function stepText(device: DeviceState, state: RolloutState, nowMs: number): string {
  const { phase, gate, sinceMs } = device
  if (restful.has(phase)) return ''
  const soak = soakLeftMs(device, state, nowMs)
  if (soak !== null) return `soaks, ${formatSpan(soak)} left`
  if (phase !== 'settling') return formatSpan(nowMs - sinceMs)
  const left = formatSpan(sinceMs + settleLimitMs(state, device.device) - nowMs)
  return gate === null ? `${left} left` : `${gate}, ${left} left`
}

const restful: ReadonlySet<DevicePhase> = new Set(['waiting', 'healthy', 'returned', 'not-reached'])

const phaseTones = {
  waiting: 'dim',
  moving: 'warn',
  settling: 'warn',
  healthy: 'good',
  failed: 'bad',
  lost: 'bad',
  returning: 'warn',
  verifying: 'warn',
  returned: 'warn',
  stuck: 'bad',
  'not-reached': 'warn',
} as const satisfies Record<DevicePhase, Tone>

export const statusColumns: readonly Column<DeviceRow>[] = [
  column('DEVICE', ({ device }) => device.device),
  column('WAVE', ({ wave }) => wave),
  column('STATE', ({ device: { phase } }) => ({
    text: phase.replace('-', ' '),
    tone: phaseTones[phase],
  })),
  column('STEP', ({ step }) => step),
  column('GEN', ({ device }) => generationText(device)),
  { ...column('DOWNTIME', ({ device }) => gapCell(device)), align: 'right' },
  { ...column('WHY', ({ why }) => why), shrink: true },
]

function column<Row>(title: string, cell: Column<Row>['cell']): Column<Row> {
  return { title, align: 'left', shrink: false, cell }
}

/** `3 -> 4`, and `3 -> 4 -> 5` when it was rolled back. */
function generationText({ before, after, returnedAs }: DeviceState): string {
  return [before, after, returnedAs].filter((generation) => generation !== null).join(' -> ')
}

function gapCell({ downtimeSeconds }: DeviceState): string {
  return downtimeSeconds === null ? '' : gapText(downtimeSeconds)
}
