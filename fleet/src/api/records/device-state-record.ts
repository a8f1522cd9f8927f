/** A device as a controller knows it: `/api/v1/devices`. */
import { z } from 'zod'
import { clockRecord } from '../../core/clock/json.ts'
import type { Known } from '../../core/ask/facts-memory.ts'
import type { ControllerView, DeviceCheck } from '../../core/controller/view.ts'
import { device, names, unixMs, unknownText } from './parts.ts'
import { facts, factsRecord } from './ask-records.ts'
import { server } from './health-records.ts'

const unknownFlag = z.boolean().nullable()

export const deviceState = z
  .strictObject({
    type: z.literal('device_state'),
    device,
    role: z.string(),
    site: unknownText,
    groups: names,
    address: z.string(),
    good_time: unknownFlag.describe('In the newest sweep; null: there was none yet.'),
    clock: server.nullable().describe('As the newest sweep measured it.'),
    reachable: unknownFlag.describe('Over the engine, at the newest check; null: not checked yet.'),
    drift: names.nullable().describe('Resources that are not up to date; null: not known.'),
    outdated: unknownFlag.describe('It runs another image than the fleet wants.'),
    image: unknownText.describe('What its container runs.'),
    phase: unknownText.describe('In the newest rollout; null: that does not move it.'),
    key_since_unix_ms: unixMs.nullable(),
    backup_unix_ms: unixMs.nullable().describe('Of its newest good backup.'),
    facts: facts.omit({ type: true, device: true }).nullable().describe('As `facts` learned them.'),
  })
  .describe('A device as the controller knows it, without asking it.')

export interface DeviceLook {
  readonly view: ControllerView
  readonly facts: ReadonlyMap<string, Known>
  readonly nowUnixMs: number
}

/** In the order of the inventory. */
export function deviceStateRecords({
  view,
  facts: known,
  nowUnixMs,
}: DeviceLook): readonly z.output<typeof deviceState>[] {
  const { clocks } = view
  const rows = new Map(clocks?.rows.map((row) => [row.judgement.server.name, row]))
  return view.fleet.devices.map(({ name, role, site, groups, address }) => {
    const row = rows.get(name)
    const learned = known.get(name)
    return {
      type: 'device_state',
      device: name,
      role,
      site,
      groups,
      address,
      good_time: clocks?.good.has(name) ?? null,
      clock: row === undefined ? null : clockRecord(row),
      ...checkFields(view.devices.get(name)),
      phase: view.rollouts.newest?.devices.get(name)?.phase ?? null,
      key_since_unix_ms: view.keys.get(name) ?? null,
      backup_unix_ms: view.backups.good.get(name) ?? null,
      facts: learned === undefined ? null : factsOf(learned, nowUnixMs),
    }
  })
}

function checkFields(check: DeviceCheck | undefined) {
  if (check === undefined) return { reachable: null, drift: null, outdated: null, image: null }
  const { isReachable: reachable, drift, isOutdated: outdated, image } = check
  return { reachable, drift, outdated, image }
}

function factsOf({ facts: said, atUnixMs }: Known, nowUnixMs: number) {
  const { type: _, device: __, ...rest } = factsRecord('', said, (nowUnixMs - atUnixMs) / 1000)
  return rest
}
