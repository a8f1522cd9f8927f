/** One close look at a changed device: from inside, over HTTP, and what Prometheus says. */
import { containerName } from '../../core/desired/paths.ts'
import type { GateEvidence, QueryEvidence } from '../../core/rollout/gates/evidence.ts'
import type { DeviceState } from '../../core/rollout/state.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import { observeOne } from '../observe.ts'
import type { Run } from '../outside.ts'
import { deviceOf, type RolloutTarget } from './target.ts'

/** All but its clock, which is measured last and together with the others. */
export type CloseLook = Omit<GateEvidence, 'clock'>

export async function lookCloser(
  { device: name, phase, after, sinceMs }: DeviceState,
  target: RolloutTarget,
  run: Run,
): Promise<CloseLook> {
  const { fleet, outside, started } = target
  const { device, state } = deviceOf(target, name)
  const logSeconds = Math.max(1, (target.nowMs() - sinceMs) / 1000)
  const [observed, http, queries] = await Promise.all([
    observeOne(fleet, { device, state, logSeconds }, outside, run),
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
    queries,
  }
}

async function askPrometheus(
  device: string,
  { started, outside }: RolloutTarget,
  run: Run,
): Promise<readonly QueryEvidence[]> {
  const { promql, prometheus } = started.settings.gates
  const ask = async (query: string): Promise<Result<readonly number[], string>> =>
    prometheus === undefined
      ? fail('gates.prometheus is not set')
      : await outside.queryPrometheus(prometheus, query, { device, signal: run.abort })
  return await Promise.all(
    promql.map(async ({ name, query, success }) => ({ name, success, values: await ask(query) })),
  )
}
