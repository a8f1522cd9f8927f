/** Looks at the world before each decision: every clock, and closer at what is in progress. */
import type { GateEvidence, GateMemory } from '../../core/rollout/gates/evidence.ts'
import { judgeGates, oldReleaseServes } from '../../core/rollout/gates/judge-gates.ts'
import { vetoOf } from '../../core/rollout/gates/veto.ts'
import { frozenAt } from '../../core/rollout/planning/freeze.ts'
import type { DeviceSight, GateVerdict, Sight } from '../../core/rollout/sight.ts'
import { freeSlots, waitingDevices } from '../../core/rollout/start-devices.ts'
import type { DeviceState, RolloutState } from '../../core/rollout/state.ts'
import { clockEvidence } from '../../core/service/clock-evidence.ts'
import type { ClockEvidence } from '../../core/service/evidence.ts'
import { goodTime } from '../../core/service/good-time.ts'
import type { TimeServerHealth } from '../../core/health/time-server-health.ts'
import type { HttpFailure } from '../../core/health/verdict.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import { sweepClocks } from '../sweep-clocks.ts'
import { compareByRole } from './compare-canaries.ts'
import { lookCloser } from './look-closer.ts'
import { deviceOf, type RolloutTarget } from './target.ts'

type Downtime = Pick<DeviceSight, 'downtimeSeconds' | 'lastingSeconds'>

export type Measure = (
  state: RolloutState,
  downtimeOf: (device: string) => Downtime,
  signal: AbortSignal,
) => Promise<Sight>

/** A device that hangs must not keep the others waiting. */
const lookTimeoutMs = 60_000

/** Remembers what only consecutive checks tell; that may be lost with the process. */
function openJudge({
  started,
}: RolloutTarget): (device: DeviceState, evidence: GateEvidence) => GateVerdict {
  const memories = new Map<string, GateMemory>()
  return (device, evidence) => {
    const key = `${device.device} ${device.phase} ${device.step}`
    const rules = device.phase === 'settling' ? judgeGates : oldReleaseServes
    const { verdict, memory } = rules(evidence, started.settings.gates, memories.get(key) ?? null)
    memories.set(key, memory)
    return verdict
  }
}

export function openMeasure(target: RolloutTarget): Measure {
  const judge = openJudge(target)
  const isThere = ({ device }: DeviceState): boolean => target.devices.has(device)

  return async (state, downtimeOf, signal) => {
    const { fleet, outside, started, samples } = target
    const brief = AbortSignal.any([signal, AbortSignal.timeout(lookTimeoutMs)])
    const watched = [...state.inProgress].flatMap((name) => {
      const device = state.devices.get(name)
      return device !== undefined && isWatched(device) && isThere(device) ? [device] : []
    })
    const free = state.status.kind === 'running' ? Math.max(0, freeSlots(state)) : 0
    const next = waitingDevices(state).slice(0, free)
    const [looks, healths, leaps] = await Promise.all([
      sideBySide(watched, target, signal, (device) => lookCloser(device, target, brief)),
      sideBySide(next, target, signal, ({ device }) =>
        outside.probeHttp(deviceOf(target, device).device, brief),
      ),
      outside.leapSeconds(),
    ])
    // Last, so that what is decided now is decided on what is so now.
    const sweep = await sweepClocks(fleet, outside, samples, signal)
    const clocks = clockEvidence(sweep, state.inProgress)
    const times = new Map(
      [...clocks].map(([name, clock]) => [name, goodTime({ clock, said: null }).state]),
    )
    const gates = new Map(
      watched.flatMap((device): [string, GateVerdict][] => {
        const look = looks.get(device.device)
        if (look === undefined) return []
        const clock = clockOf(clocks.get(device.device), sweep)
        return [[device.device, judge(device, { ...look, clock })]]
      }),
    )
    const vetoNow = (name: string): string | null => {
      const health = healths.get(name)
      return health === undefined ? null : vetoFor(name, health, { target, clocks, times })
    }
    const nowMs = target.nowMs()
    const sightOf = (name: string): DeviceSight => ({
      time: times.get(name) ?? 'unknown',
      gate: gates.get(name) ?? null,
      ...downtimeOf(name),
      veto: vetoNow(name),
    })
    return {
      nowMs,
      devices: new Map(fleet.devices.map(({ name }) => [name, sightOf(name)])),
      comparison: await compareByRole(state, target),
      freeze:
        started.overrideFreeze === null ? frozenAt(nowMs, started.settings.freeze, leaps) : null,
    }
  }
}

function clockOf(
  clock: ClockEvidence | undefined,
  { isStepped }: { readonly isStepped: boolean },
): GateEvidence['clock'] {
  if (isStepped) return fail('the clock of this machine was set while it measured')
  return clock === undefined ? fail('it was not measured') : ok(clock)
}

function isWatched({ phase }: DeviceState): boolean {
  return phase === 'settling' || phase === 'verifying'
}

async function sideBySide<T>(
  devices: readonly DeviceState[],
  { fleet }: RolloutTarget,
  signal: AbortSignal,
  look: (device: DeviceState) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>()
  const pool = { limit: fleet.settings.ssh.parallel, signal }
  for await (const { item, value } of mapBounded(devices, pool, look)) {
    found.set(item.device, value)
  }
  return found
}

interface Neighbourhood {
  readonly target: RolloutTarget
  readonly clocks: ReadonlyMap<string, ClockEvidence>
  readonly times: ReadonlyMap<string, DeviceSight['time']>
}

function vetoFor(
  name: string,
  health: Result<TimeServerHealth, HttpFailure>,
  { target, clocks, times }: Neighbourhood,
): string | null {
  const { device } = deviceOf(target, name)
  const neighbours = target.fleet.devices.filter(
    (other) => other.gps && other.site === device.site && other.name !== name,
  )
  return vetoOf(health.ok ? health.value : null, clocks.get(name) ?? null, {
    hasGps: device.gps,
    gpsNeighbours: neighbours.length,
    goodGpsNeighbours: neighbours.filter((other) => times.get(other.name) === 'good').length,
  })
}
