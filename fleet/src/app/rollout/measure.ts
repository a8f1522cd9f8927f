/** Looks at the world before each decision: every clock, and closer at what is in motion. */
import type { GateMemory, ClockLook } from '../../core/rollout/gates/look.ts'
import { isGoodTime, vetoOf } from '../../core/rollout/gates/good-time.ts'
import { judgeGates, oldReleaseServes } from '../../core/rollout/gates/ladder.ts'
import { seeFleet } from '../../core/rollout/gates/outside.ts'
import { frozenAt } from '../../core/rollout/planning/freeze.ts'
import type { DeviceSight, GateVerdict, Sight } from '../../core/rollout/sight.ts'
import { freeSlots, waitingDevices } from '../../core/rollout/start-devices.ts'
import type { DeviceState, RolloutState } from '../../core/rollout/state.ts'
import { mapBounded } from '../../lib/pool.ts'
import type { Run } from '../outside.ts'
import { sweepClocks } from '../sweep-clocks.ts'
import { compareByRole } from './compare-canaries.ts'
import { lookCloser, type Swept } from './look-closer.ts'
import { deviceOf, type RolloutTarget } from './target.ts'

export type Measure = (
  state: RolloutState,
  gapSeconds: (device: string) => number | null,
  run: Run,
) => Promise<Sight>

/** Remembers between looks what only a row of them tells; that may be lost with the process. */
export function openMeasure(target: RolloutTarget): Measure {
  const memories = new Map<string, GateMemory>()
  const gateOf = async (
    device: DeviceState,
    state: RolloutState,
    { swept, run }: Looking,
  ): Promise<GateVerdict> => {
    const key = `${device.device} ${device.phase} ${device.step}`
    const look = await lookCloser(device, state, swept, { target, run })
    const judge = device.phase === 'settling' ? judgeGates : oldReleaseServes
    const { verdict, memory } = judge(
      look,
      target.started.settings.gates,
      memories.get(key) ?? null,
    )
    memories.set(key, memory)
    return verdict
  }

  return async (state, gapSeconds, run) => {
    const { fleet, outside, started, samples } = target
    const sweep = await sweepClocks(fleet, outside, samples, run.abort)
    const clocks = seeFleet(sweep, state.inMotion)
    const times = new Map([...clocks].map(([name, clock]) => [name, isGoodTime(clock, null)]))
    const watched = [...state.inMotion].flatMap((name) => {
      const device = state.devices.get(name)
      return device !== undefined && isWatched(device) ? [device] : []
    })
    const next = waitingDevices(state).slice(0, Math.max(0, freeSlots(state)))
    const gates = await sideBySide(watched, target, run, (device) =>
      gateOf(device, state, { swept: { report: sweep, isStepped: sweep.isStepped }, run }),
    )
    const vetoes = await sideBySide(next, target, run, ({ device }) =>
      askVeto(device, { target, run, clocks, times }),
    )
    const nowMs = target.nowMs()
    const leaps = await outside.leapSeconds()
    const sightOf = (name: string): DeviceSight => ({
      time: times.get(name) ?? 'unknown',
      gate: gates.get(name) ?? null,
      gapSeconds: gapSeconds(name),
      veto: vetoes.get(name) ?? null,
    })
    return {
      nowMs,
      devices: new Map(fleet.devices.map(({ name }) => [name, sightOf(name)])),
      comparison: compareByRole(state, target),
      freeze:
        started.overrideFreeze === null ? frozenAt(nowMs, started.settings.freeze, leaps) : null,
    }
  }
}

interface Looking {
  readonly swept: Swept
  readonly run: Run
}

function isWatched({ phase }: DeviceState): boolean {
  return phase === 'settling' || phase === 'verifying'
}

async function sideBySide<T>(
  devices: readonly DeviceState[],
  { fleet }: RolloutTarget,
  run: Run,
  look: (device: DeviceState) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>()
  const pool = { limit: fleet.settings.ssh.parallel, signal: run.abort }
  for await (const { item, value } of mapBounded(devices, pool, look)) {
    found.set(item.device, value)
  }
  return found
}

interface Asking {
  readonly target: RolloutTarget
  readonly run: Run
  readonly clocks: ReadonlyMap<string, ClockLook>
  readonly times: ReadonlyMap<string, DeviceSight['time']>
}

async function askVeto(
  name: string,
  { target, run, clocks, times }: Asking,
): Promise<string | null> {
  const { device } = deviceOf(target, name)
  const health = await target.outside.probeHttp(device, run.abort)
  const neighbours = target.fleet.devices.filter(
    (other) => other.gps && other.site === device.site && other.name !== name,
  )
  return vetoOf(health.ok ? health.value : null, clocks.get(name) ?? null, {
    hasGps: device.gps,
    gpsNeighbours: neighbours.length,
    goodGpsNeighbours: neighbours.filter((other) => times.get(other.name) === 'good').length,
  })
}
