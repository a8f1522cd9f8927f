/** Which resources of which devices are not up to date, and since when. */
import { driftsOf, type Drift } from '../../core/ask/drift.ts'
import { readSince, sinceScript } from '../../core/ask/since.ts'
import { readUnattended } from '../../core/ask/unattended.ts'
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

/** A second question to each device: since when, and what it has upgraded by itself. */
export async function findDrift(
  prepared: Prepared,
  outside: Outside,
  run: Run,
): Promise<FoundDrift> {
  const { plan, devices } = await planFleet(prepared, { reboot: 'never' }, outside, run)
  const drifts = [...devices.values()].flatMap((planned) =>
    driftsOf(planned.plan, planned.observed, planned.digest),
  )
  const asked = prepared.devices.filter(({ name }) => devices.has(name))
  const told = await askDevices(asked, drifts, { prepared, outside, run })
  const all = asked.flatMap(({ name }) => {
    const { since, unattended } = told.get(name) ?? silent
    const own = drifts.filter(({ device }) => device === name)
    return [...own.map((each) => withSince(each, since)), ...unattended]
  })
  return { drifts: all, failed: plan.failed }
}

function withSince(drift: Drift, since: Told['since']): Drift {
  return drift.cause === 'device'
    ? { ...drift, sinceUnixMs: since.get(drift.resource) ?? null }
    : drift
}

interface Told {
  /** By resource. */
  readonly since: ReadonlyMap<string, number | null>
  readonly unattended: readonly Drift[]
}

const silent: Told = { since: new Map<string, number | null>(), unattended: [] }

/** One question for all of them: about every resource that any has changed. */
async function askDevices(
  asked: Prepared['devices'],
  drifts: readonly Drift[],
  { prepared, outside, run }: Asked,
): Promise<ReadonlyMap<string, Told>> {
  const { fleet } = prepared
  const changed = drifts.filter(({ cause }) => cause === 'device')
  const resources = [...new Set(changed.map(({ resource }) => resource))]
  const script = sinceScript(resources)
  const question = { script, as: 'root', seconds: 30, mostBytes: 262_144 } as const
  const asking = {
    reach: reachOf(fleet, outside, run.abort),
    stop: run.stop,
    parallel: fleet.settings.ssh.parallel,
  }
  const told = new Map<string, Told>()
  for await (const { device, result } of askMany(asked, question, asking)) {
    if (!result.ok) continue
    const times = readSince(result.value.output, resources.length)
    const since = new Map(resources.map((resource, index) => [resource, times[index] ?? null]))
    told.set(device, { since, unattended: readUnattended(device, result.value.output) })
  }
  return told
}

interface Asked {
  readonly prepared: Prepared
  readonly outside: Outside
  readonly run: Run
}
