/** The newest rollout as metrics. */
import { formatGauge, type GaugeSample } from '@timeball/lib/exposition.ts'
import type { DevicePhase, RolloutStatus } from '../rollout/state.ts'
import type { RolloutsSeen } from './view.ts'
import { waitingKinds, type Waiting } from './waiting.ts'

const states = [
  'running',
  'paused',
  'rolling_back',
  'done',
  'rolled_back',
  'aborted',
  'needs_attention',
] as const

const phases = [
  'waiting',
  'moving',
  'settling',
  'healthy',
  'failed',
  'lost',
  'returning',
  'verifying',
  'returned',
  'stuck',
  'not-reached',
] as const satisfies readonly DevicePhase[]

/** No rollout yet: no series, except for the number of blocked releases where it is known. */
export function rolloutMetrics({ newest, blocked, waiting }: RolloutsSeen): string[] {
  const kept = formatGauge(
    'timeball_release_blocked',
    'Releases that were rolled back, and are not applied again by themselves.',
    [[{}, blocked]],
  )
  const waits = formatGauge(
    'timeball_controller_waiting',
    'How many things of each kind wait for a person: timeball status lists them.',
    waiting === null
      ? []
      : waitingKinds.map((kind): GaugeSample => [{ kind }, countOf(waiting, kind)]),
  )
  if (newest === null) return [kept, waits]
  const devices = [...newest.devices.values()]
  const current = stateOf(newest.status)
  return [
    kept,
    waits,
    formatGauge(
      'timeball_rollout_state',
      'Where the newest rollout is: 1 for its state.',
      states.map((state): GaugeSample => [{ state }, Number(state === current)]),
    ),
    formatGauge(
      'timeball_rollout_last_progress_timestamp_seconds',
      'When a device or a wave of the newest rollout last got further.',
      [[{}, newest.progressMs / 1000]],
    ),
    formatGauge(
      'timeball_rollout_devices',
      'How many devices of the newest rollout are in which state.',
      phases.map((state): GaugeSample => {
        return [{ state }, devices.filter(({ phase }) => phase === state).length]
      }),
    ),
    formatGauge(
      'timeball_downtime_seconds',
      'Longest time without a good answer while the device was changed.',
      devices.map(({ device, downtimeSeconds }): GaugeSample => [{ device }, downtimeSeconds]),
    ),
  ]
}

function countOf(waiting: readonly Waiting[], wanted: Waiting['kind']): number {
  return waiting.filter(({ kind }) => kind === wanted).length
}

function stateOf(status: RolloutStatus): (typeof states)[number] {
  switch (status.kind) {
    case 'running':
    case 'paused':
      return status.kind
    case 'rolling-back':
      return 'rolling_back'
    case 'ended':
      return status.result
  }
}
