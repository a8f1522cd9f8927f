/** Gathers what was measured of canaries and of devices that were not changed, to compare them. */
import { relativeErrorSeconds, type ClockSample } from '../../core/clock/sample.ts'
import {
  compareCanaries,
  type ClockPoint,
  type ComparedGroup,
} from '../../core/rollout/gates/compare.ts'
import { soakMs } from '../../core/rollout/judge-devices.ts'
import { neighboursOf } from '../../core/rollout/neighbours.ts'
import type { Member } from '../../core/rollout/plan.ts'
import type { Comparison } from '../../core/rollout/sight.ts'
import type { DeviceState, RolloutState } from '../../core/rollout/state.ts'
import type { RolloutTarget } from './target.ts'

/** Each canary is looked at so often before it is compared. */
const leastLooks = 3
const mostSamples = 10_000

interface Looked {
  readonly role: Member['role'] | null
  readonly devices: readonly DeviceState[]
  readonly controls: readonly string[]
  readonly seen: ReadonlyMap<string, readonly ClockSample[]>
}

/** `null` while no canary waits to be compared, or there were too few looks yet. */
export async function compareByRole(
  state: RolloutState,
  { samples }: Pick<RolloutTarget, 'samples'>,
): Promise<Comparison | null> {
  const wave = state.started.plan.waves[state.wave]
  if (wave?.kind !== 'canary') return null
  const canaries = wave.devices.flatMap((name) => state.devices.get(name) ?? [])
  if (!canaries.every(({ phase }) => phase === 'healthy')) return null
  const members = neighboursOf(state.started.plan).members
  const roleOf = (name: string): Member['role'] | null => members.get(name)?.role ?? null
  const groups = [...Map.groupBy(canaries, ({ device }) => roleOf(device))]
  const looked: Looked[] = []
  for (const [role, devices] of groups) {
    const since = soakBegan(state, devices)
    const controls = [...members.values()]
      .filter((member) => member.role === role && isUnchanged(state, member))
      .map(({ device }) => device)
    const seen = new Map<string, readonly ClockSample[]>()
    for (const name of [...devices.map(({ device }) => device), ...controls]) {
      seen.set(name, await samples.history(name, since, mostSamples))
    }
    looked.push({ role, devices, controls, seen })
  }
  const isEarly = looked.some(({ devices, seen }) =>
    devices.some(({ device }) => (seen.get(device)?.length ?? 0) < leastLooks),
  )
  if (isEarly) return null
  return compareCanaries(
    looked.map(({ role, devices, controls, seen }): ComparedGroup => ({
      name: role ?? 'unknown',
      canaries: devices.map(({ device }) => device),
      controls,
      points: [...seen.values()].flat().flatMap(pointOf),
    })),
  )
}

function soakBegan(state: RolloutState, canaries: readonly DeviceState[]): number {
  return Math.min(...canaries.map(({ sinceMs }) => sinceMs)) - soakMs(state, state.wave)
}

function isUnchanged({ devices, inProgress }: RolloutState, { device }: Member): boolean {
  const phase = devices.get(device)?.phase ?? 'not-reached'
  return !inProgress.has(device) && (phase === 'waiting' || phase === 'not-reached')
}

function pointOf(sample: ClockSample): ClockPoint[] {
  const { server: device, offsetSeconds } = sample
  const errorSeconds = relativeErrorSeconds(sample)
  if (offsetSeconds === null || errorSeconds === null) return []
  return [{ device, offsetSeconds, errorSeconds }]
}
