/** Which resources of which devices are not up to date, and since when. */
import { driftsOf, type Drift } from '../../core/ask/drift.ts'
import { readSince, sinceScript } from '../../core/ask/since.ts'
import type { FleetPlan } from '../../core/plan/fleet-plan.ts'
import { reachOf, type Outside, type Run } from '../outside.ts'
import { planFleet } from '../plan-fleet.ts'
import type { Prepared } from '../prepare.ts'
import { askMany } from './ask-many.ts'

export interface FoundDrift {
  /** In the order of the fleet. */
  readonly drifts: readonly Drift[]
  readonly failed: FleetPlan['failed']
}

/** Devices that were changed there are asked a second time: since when. */
export async function findDrift(
  prepared: Prepared,
  outside: Outside,
  run: Run,
): Promise<FoundDrift> {
  const { plan, devices } = await planFleet(prepared, { reboot: 'never' }, outside, run)
  const drifts = [...devices.values()].flatMap((planned) =>
    driftsOf(planned.plan, planned.observed, planned.digest),
  )
  const own = drifts.filter(({ cause }) => cause === 'device')
  const since = own.length === 0 ? new Map() : await askSince(own, prepared, outside, run)
  const withSince = drifts.map((drift): Drift => ({
    ...drift,
    sinceUnixMs: since.get(keyOf(drift)) ?? null,
  }))
  return { drifts: withSince, failed: plan.failed }
}

/** One question for all of them: about every resource that any has changed. */
async function askSince(
  drifts: readonly Drift[],
  { fleet, devices }: Prepared,
  outside: Outside,
  run: Run,
): Promise<ReadonlyMap<string, number | null>> {
  const resources = [...new Set(drifts.map(({ resource }) => resource))]
  const names = new Set(drifts.map(({ device }) => device))
  const script = sinceScript(resources)
  const question = { script, as: 'root', seconds: 30, mostBytes: 65_536 } as const
  const asking = {
    reach: reachOf(fleet, outside, run.abort),
    stop: run.stop,
    parallel: fleet.settings.ssh.parallel,
  }
  const asked = devices.filter(({ name }) => names.has(name))
  const since = new Map<string, number | null>()
  for await (const { device, result } of askMany(asked, question, asking)) {
    const times = result.ok ? readSince(result.value.output, resources.length) : []
    resources.forEach((resource, index) =>
      since.set(keyOf({ device, resource }), times[index] ?? null),
    )
  }
  return since
}

function keyOf({ device, resource }: Pick<Drift, 'device' | 'resource'>): string {
  return `${device} ${resource}`
}
