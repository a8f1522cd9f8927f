/** Waves by the names that people know them by, and how far each of them is. */
import type { RolloutPlan } from '../plan.ts'
import type { DevicePhase, RolloutState } from '../state.ts'

/** `canary`, `wave 1`, `wave 2`, …, `held-back`. */
export function waveName({ waves }: RolloutPlan, index: number): string {
  const kind = waves[index]?.kind ?? 'wave'
  if (kind !== 'wave') return kind
  return `wave ${waves.slice(0, index + 1).filter((wave) => wave.kind === 'wave').length}`
}

export interface WaveProgress {
  readonly name: string
  readonly kind: RolloutPlan['waves'][number]['kind']
  readonly devices: number
  readonly healthy: number
  /** On their way to the new release, or back. */
  readonly inProgress: number
  readonly returned: number
}

const atRest: ReadonlySet<DevicePhase> = new Set(['waiting', 'healthy', 'returned', 'not-reached'])

export function progressOfWaves(state: RolloutState): readonly WaveProgress[] {
  const { plan } = state.started
  return plan.waves.map(({ kind, devices }, index) => {
    const phases = devices.map((device) => state.devices.get(device)?.phase ?? 'waiting')
    const count = (test: (phase: DevicePhase) => boolean): number => phases.filter(test).length
    return {
      name: waveName(plan, index),
      kind,
      devices: devices.length,
      healthy: count((phase) => phase === 'healthy'),
      inProgress: count((phase) => !atRest.has(phase)),
      returned: count((phase) => phase === 'returned'),
    }
  })
}
