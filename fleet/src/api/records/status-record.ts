/** The record of `status`. */
import { z } from 'zod'
import { waitingKinds, type Waiting } from '../../core/controller/waiting.ts'
import type { FleetStatus } from '../../core/controller/fleet-status.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { blockedRecord, summaryRecord } from '../../core/rollout/show/records.ts'
import { list, names, unknownText } from './parts.ts'
import { blockedRelease, rolloutSummary } from './rollout-records.ts'

export const waiting = z.strictObject({
  kind: z.enum(waitingKinds),
  subject: z.string(),
  why: z.string(),
  command: z.string().describe('What answers it.'),
  since_unix_ms: z.number().nullable(),
})

export function waitingRecord({ sinceUnixMs, ...rest }: Waiting): z.output<typeof waiting> {
  return { ...rest, since_unix_ms: sinceUnixMs }
}

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
    still: unknownText.describe('Why the newest rollout does not move just now.'),
    waiting: list(waiting)
      .nullable()
      .describe('What waits for a person; null: it could not be read.'),
    left: names.describe('Devices that left the inventory and were not retired.'),
  })
  .describe('The fleet as a whole; the devices are the health records before it.')

/** What it is made of: the devices are only counted. */
type CountedStatus = Omit<FleetStatus, 'verdicts' | 'nowUnixMs'> & { readonly devices: number }

export function fleetStatusRecord(status: CountedStatus): z.output<typeof fleetStatus> {
  const { fleet, image, devices, good, quorum, remembered, left } = status
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
    ...rememberedFields(remembered),
    left: left.map(({ name }) => name),
  }
}

function rememberedFields(remembered: FleetStatus['remembered']) {
  if (remembered === null) {
    return { rollout: null, blocked: null, held_by: null, still: null, waiting: null }
  }
  const { newest, blocked, holder, still, waiting: waits } = remembered
  return {
    rollout: newest === null ? null : summaryRecord(newest),
    blocked: blocked.map(blockedRecord),
    held_by: holder === null ? null : formatHolder(holder),
    still,
    waiting: waits.map(waitingRecord),
  }
}
