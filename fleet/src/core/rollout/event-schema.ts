/** Events as they come back from a journal, which may be that of an older version. */
import { z } from 'zod'
import { gates, type RolloutEvent } from './event.ts'
import { reason } from './reason.ts'
import { journalSettings } from './settings-schema.ts'

const text = z.string().transform(reason)
const name = z.string().min(1).max(255)
const count = z.int().min(0)
const seconds = z.number().min(0)

const release = z.object({
  image: name.max(512),
  imageAsWritten: name.max(512),
  kind: z.enum(['image', 'configuration']),
  digest: name,
  states: z.record(name, name),
})

const plan = z.object({
  waves: z.array(
    z.object({ kind: z.enum(['canary', 'wave', 'held-back']), devices: z.array(name).readonly() }),
  ),
  why: z.record(name, text),
  members: z.array(
    z.object({
      device: name,
      role: z.enum(['stratum1', 'stratum2']),
      site: name.nullable(),
      upstreams: z.array(name),
      hasOutsideSources: z.boolean(),
    }),
  ),
  quorum: z.array(z.object({ name, members: z.array(name), minGood: count })),
  leftAlone: z.record(name, text),
  warnings: z.array(text),
})

const shared = { atUnixMs: z.int() }
const onDevice = { ...shared, device: name }
const reasoned = { ...onDevice, detail: text }
const byPerson = { ...shared, by: text, why: text }

const started = z.object({
  ...byPerson,
  type: z.literal('started'),
  rollout: name,
  fleet: name,
  release,
  plan,
  settings: journalSettings,
  before: z.record(name, z.object({ generation: count, state: name.nullable() })),
  unreachable: z.array(name),
  settleLimitsMs: z.record(name, z.number().positive()),
  allowQuorumLoss: z.boolean(),
  overrideFreeze: text.nullable(),
})

export const rolloutEvent: z.ZodType<RolloutEvent> = z.discriminatedUnion('type', [
  started,
  z.object({ ...shared, type: z.literal('wave-started'), wave: count }),
  z.object({ ...shared, type: z.literal('wave-passed'), wave: count, detail: text }),
  z.object({
    ...onDevice,
    type: z.enum(['move-intended', 'return-intended']),
    step: name,
  }),
  z.object({
    ...onDevice,
    type: z.literal('moved'),
    before: count,
    after: count,
    tookSeconds: seconds,
  }),
  z.object({
    ...reasoned,
    type: z.literal('not-moved'),
    reason: z.enum(['unreachable', 'vetoed', 'refused']),
  }),
  z.object({
    ...reasoned,
    type: z.enum([
      'vetoed',
      'move-failed',
      'lost',
      'slipped',
      'inconclusive',
      'unhealthy',
      'stuck',
    ]),
  }),
  z.object({ ...reasoned, type: z.literal('climbed'), gate: z.enum(gates).nullable() }),
  z.object({ ...onDevice, type: z.literal('healthy'), settledSeconds: seconds }),
  z.object({ ...onDevice, type: z.literal('served'), downtimeSeconds: seconds }),
  z.object({
    ...shared,
    type: z.literal('rolling-back'),
    why: text,
    scope: z.enum(['failed', 'wave', 'all']),
  }),
  z.object({
    ...onDevice,
    type: z.literal('returned'),
    generation: count,
    missing: z.array(text).max(1_000),
  }),
  z.object({ ...onDevice, type: z.literal('verified') }),
  z.object({ ...byPerson, type: z.literal('paused'), awaits: z.enum(['resume', 'promotion']) }),
  z.object({ ...byPerson, type: z.enum(['resumed', 'promoted']) }),
  z.object({
    ...shared,
    type: z.literal('ended'),
    result: z.enum(['done', 'rolled_back', 'aborted', 'needs_attention']),
    why: text,
  }),
])
