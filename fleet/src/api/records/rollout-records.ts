/** Records of `rollout`. */
import { z } from 'zod'
import { summaryStatuses } from '../../core/rollout/summary.ts'
import { device, list, names, rolloutId, unixMs, unknownNumber, unknownText } from './parts.ts'

const release = {
  image: z.string().describe('By digest.'),
  image_as_written: z.string(),
}
const kind = z.enum(['image', 'configuration'])
const waveKind = z.enum(['canary', 'wave', 'held-back'])

export const rolloutPlan = z
  .strictObject({
    type: z.literal('rollout_plan'),
    rollout: rolloutId,
    ...release,
    kind,
    waves: list(z.strictObject({ wave: z.string().optional(), kind: waveKind, devices: names })),
    devices: list(
      z.strictObject({
        wave: z.string(),
        device,
        role: z.string(),
        site: unknownText,
        why: z.string(),
      }),
    ),
    quorum: list(
      z.strictObject({
        set: z.string(),
        members: names,
        good: z.number(),
        min_good: z.number(),
        may_be_away: z.number(),
        verdict: z.enum(['ok', 'tight', 'broken']),
      }),
    ),
    waiting_for: z
      .record(z.string(), names)
      .describe('Devices that wait for the good time of one.'),
    left_alone: z.record(z.string(), z.string()).describe('By device: why it does not move.'),
    warnings: names,
    at_least_seconds: z.number(),
    frozen: unknownText.describe('Why nothing may be started now.'),
    unreachable: names,
  })
  .describe('What a rollout would move, and when.')

export const rolloutEvent = z
  .looseObject({
    type: z.literal('event'),
    rollout: rolloutId,
    event: z.string().describe('Such as moved, healthy, rolling-back, paused, ended.'),
    at_unix_ms: unixMs,
    device: device.optional(),
  })
  .describe('An event of the journal; its other keys are those of the journal.')

const deviceOfRollout = z.looseObject({
  device,
  wave: z.number(),
  phase: z.string(),
  since_unix_ms: unixMs,
  gate: unknownText.describe('The first gate that does not hold.'),
  soak_left_seconds: unknownNumber,
  generation_before: unknownNumber,
  generation_after: unknownNumber,
  generation_returned: unknownNumber.describe('With which the old release came back.'),
  downtime_seconds: unknownNumber,
  settled_seconds: unknownNumber,
  counted: z.enum(['failed', 'lost']).nullable(),
  why: unknownText,
  time: unknownText,
  blocked: unknownText.describe('Why it may not move now.'),
})

export const rollout = z
  .strictObject({
    type: z.literal('rollout'),
    rollout: rolloutId,
    fleet: z.string(),
    by: z.string(),
    why: z.string(),
    ...release,
    kind,
    digest: z.string(),
    started_unix_ms: unixMs,
    elapsed_seconds: z.number(),
    status: z.enum(['running', 'paused', 'rolling-back', 'ended']),
    status_why: unknownText,
    awaits: z.enum(['resume', 'promotion']).nullable(),
    scope: z.enum(['failed', 'wave', 'all']).nullable(),
    result: z.enum(['done', 'rolled_back', 'aborted', 'needs_attention']).nullable(),
    release_blocked: z
      .boolean()
      .describe('It was blocked by this rollout; `rollout unblock` may have ended that since.'),
    frozen: unknownText,
    waves: list(
      z.strictObject({
        name: z.string(),
        kind: waveKind,
        devices: z.number(),
        healthy: z.number(),
        in_progress: z.number(),
        returned: z.number(),
      }),
    ),
    devices: list(deviceOfRollout),
    allow_quorum_loss: z.boolean(),
    override_freeze: unknownText,
    run_by: unknownText.optional().describe('Who runs it now.'),
  })
  .describe('Where a rollout is.')

export const rolloutSummary = z
  .strictObject({
    type: z.literal('rollout_summary'),
    rollout: rolloutId,
    started_unix_ms: unixMs,
    changed_unix_ms: unixMs,
    by: z.string(),
    why: z.string(),
    ...release,
    digest: z.string(),
    devices: z.number(),
    status: z.enum(summaryStatuses),
  })
  .describe('A rollout of the list.')

export const blockedRelease = z.strictObject({
  digest: z.string(),
  image: z.string(),
  rollout: rolloutId,
  why: z.string(),
  at_unix_ms: unixMs,
})
