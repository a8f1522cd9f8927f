/** One close look at a changed device: from inside, from outside, and what Prometheus says. */
import type { ClockReport } from '../../core/clock/server.ts'
import { containerName } from '../../core/desired/paths.ts'
import type { GateLook, QueryLook } from '../../core/rollout/gates/look.ts'
import { seenFromOutside } from '../../core/rollout/gates/outside.ts'
import type { DeviceState, RolloutState } from '../../core/rollout/state.ts'
import { fail, ok, type Result } from '../../core/result.ts'
import { observeOne } from '../observe.ts'
import type { Run } from '../outside.ts'
import { deviceOf, type RolloutTarget } from './target.ts'

export interface Swept {
  readonly report: ClockReport
  /** This machine's clock was set during the sweep: it says nothing. */
  readonly isStepped: boolean
}

export async function lookCloser(
  { device: name, phase, after, sinceMs }: DeviceState,
  state: RolloutState,
  swept: Swept,
  { target, run }: { readonly target: RolloutTarget; readonly run: Run },
): Promise<GateLook> {
  const { fleet, outside, started } = target
  const { device, state: desired } = deviceOf(target, name)
  const logSeconds = Math.max(1, (target.nowMs() - sinceMs) / 1000)
  const [observed, http, queries] = await Promise.all([
    observeOne(fleet, { device, state: desired, logSeconds }, outside, run),
    outside.probeHttp(device, run.abort),
    phase === 'settling' ? askPrometheus(name, target, run) : [],
  ])
  return {
    hasGps: device.gps,
    hasPps: device.pps,
    container: containerName,
    image: phase === 'settling' ? started.release.image : null,
    generation: phase === 'settling' ? after : null,
    observed,
    http,
    clock: clockOf(name, state, swept),
    queries,
  }
}

function clockOf(
  name: string,
  { inMotion }: RolloutState,
  { report, isStepped }: Swept,
): GateLook['clock'] {
  if (isStepped) return fail('the clock of this machine was set while it measured')
  const seen = seenFromOutside(report, name, inMotion)
  return seen === null ? fail('it was not measured') : ok(seen)
}

async function askPrometheus(
  device: string,
  { started, outside }: RolloutTarget,
  run: Run,
): Promise<readonly QueryLook[]> {
  const { promql, prometheus } = started.settings.gates
  const ask = async (query: string): Promise<Result<readonly number[], string>> =>
    prometheus === undefined
      ? fail('gates.prometheus is not set')
      : await outside.queryPrometheus(prometheus, query, { device, signal: run.abort })
  return await Promise.all(
    promql.map(async ({ name, query, success }) => ({ name, success, values: await ask(query) })),
  )
}
