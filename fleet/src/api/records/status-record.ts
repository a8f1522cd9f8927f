/** The record of `status`. */
import { z } from 'zod'
import type { FleetStatus } from '../../core/controller/fleet-status.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { blockedRecord, summaryRecord } from '../../core/rollout/show/records.ts'
import { list, names, unknownText } from './parts.ts'
import { blockedRelease, rolloutSummary } from './rollout-records.ts'

export const fleetStatus = z
  .strictObject({
    type: z.literal('fleet_status'),
    fleet: z.string(),
    image_as_written: z.string(),
    devices: z.number(),
    good: z.number().describe('How many give good time.'),
    quorum: list(
      z.strictObject({
        set: z.string(),
        servers: z.number(),
        good: z.number(),
        min_good: z.number(),
        may_be_away: z.number(),
        verdict: z.enum(['ok', 'tight', 'broken']),
      }),
    ),
    rollout: rolloutSummary.omit({ type: true }).nullable().describe('The newest.'),
    blocked: list(blockedRelease).nullable().describe('null: it could not be read.'),
    held_by: unknownText.describe('Who changes the fleet now.'),
    left: names.describe('Devices that left the inventory and were not retired.'),
  })
  .describe('The fleet as a whole; the devices are the health records before it.')

/** What it is made of: the devices are only counted. */
type CountedStatus = Omit<FleetStatus, 'verdicts' | 'nowUnixMs'> & { readonly devices: number }

export function fleetStatusRecord(status: CountedStatus): z.output<typeof fleetStatus> {
  const { fleet, image, devices, good, quorum, remembered, left } = status
  const newest = remembered?.newest ?? null
  const holder = remembered?.holder ?? null
  return {
    type: 'fleet_status',
    fleet,
    image_as_written: image,
    devices,
    good,
    quorum: quorum.map(({ name, minGood, mayBeAway, ...set }) => ({
      ...{ set: name, servers: set.servers, good: set.good },
      ...{ min_good: minGood, may_be_away: mayBeAway, verdict: set.verdict },
    })),
    rollout: newest === null ? null : summaryRecord(newest),
    blocked: remembered?.blocked.map(blockedRecord) ?? null,
    held_by: holder === null ? null : formatHolder(holder),
    left: left.map(({ name }) => name),
  }
}
