/** One close look at a changed device: from inside, over HTTP, and what Prometheus says. */
import { containerName } from '../../core/desired/paths.ts'
import type { GateEvidence, QueryEvidence } from '../../core/rollout/gates/evidence.ts'
import type { DeviceState } from '../../core/rollout/state.ts'
import { hasApiKeys } from '../../core/service/contract.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import { observeDevice } from '../link.ts'
import { reachOf } from '../outside.ts'
import { deviceOf, type RolloutTarget } from './target.ts'

/** All but its clock, which is measured last and together with the others. */
export type CloseLook = Omit<GateEvidence, 'clock'>

export async function lookCloser(
  { device: name, phase, after, sinceMs, errorsPerMinuteBefore }: DeviceState,
  target: RolloutTarget,
  abort: AbortSignal,
): Promise<CloseLook> {
  const { fleet, outside, started } = target
  const { device, state } = deviceOf(target, name)
  const logSeconds = Math.max(1, (target.nowMs() - sinceMs) / 1000)
  const [observed, http, contract, queries] = await Promise.all([
    observeDevice(device, state, reachOf(fleet, outside, abort), { logSeconds }),
    outside.probeHttp(device, abort),
    outside.probeContract(device, abort),
    phase === 'settling' ? askPrometheus(name, target, abort) : [],
  ])
  return {
    hasGps: device.gps,
    hasPps: device.pps,
    container: containerName,
    image: phase === 'settling' ? started.release.image : null,
    generation: phase === 'settling' ? after : null,
    observed,
    isNewContainer: phase === 'settling' && started.release.kind === 'image',
    errorsPerMinuteBefore,
    http,
    contract,
    hasKeys: hasApiKeys(state),
    queries,
  }
}

async function askPrometheus(
  device: string,
  { started, outside }: RolloutTarget,
  signal: AbortSignal,
): Promise<readonly QueryEvidence[]> {
  const { promql, prometheus } = started.settings.gates
  const ask = async (query: string): Promise<Result<readonly number[], string>> =>
    prometheus === undefined
      ? fail('gates.prometheus is not set')
      : await outside.queryPrometheus(prometheus, query, { device, signal })
  return await Promise.all(
    promql.map(async ({ name, query, success }) => ({ name, success, values: await ask(query) })),
  )
}
