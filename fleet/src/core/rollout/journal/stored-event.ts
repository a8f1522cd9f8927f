/**
 * Events as a journal has them, version 7. What an event is about must be there; what only explains
 * it, or is a word that is not known here, is read as the more careful of what it can mean.
 */
import { z } from 'zod'
import { gates, type RolloutEvent } from '../event.ts'
import { reason } from '../reason.ts'
import { storedSettings } from './stored-settings.ts'

const text = z.string().catch('').transform(reason)
const name = z.string().min(1).max(512)
const count = z.int().min(0)
const seconds = z.number().min(0)

const release = z.object({
  image: name,
  imageAsWritten: name,
  insteadOf: name.nullable().catch(null),
  kind: z.enum(['image', 'configuration']).catch('image'),
  digest: name,
  states: z.record(name, name).catch({}),
})

const plan = z.object({
  waves: z.array(
    z.object({
      kind: z.enum(['canary', 'wave', 'held-back']).catch('wave'),
      devices: z.array(name).readonly(),
    }),
  ),
  why: z.record(name, text).catch({}),
  members: z.array(
    z.object({
      device: name,
      role: z.enum(['stratum1', 'stratum2']).catch('stratum2'),
      site: name.nullable().catch(null),
      upstreams: z.array(name).catch([]),
      hasOutsideSources: z.boolean().catch(false),
    }),
  ),
  quorum: z.array(z.object({ name, members: z.array(name), minGood: count })),
  leftAlone: z.record(name, text).catch({}),
  warnings: z.array(text).catch([]),
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
  settings: storedSettings,
  before: z.record(
    name,
    z.object({
      generation: count,
      state: name.nullable().catch(null),
      reverted: count.nullable().catch(null),
    }),
  ),
  unreachable: z.array(name).catch([]),
  settleLimitsMs: z.record(name, z.number().positive()).catch({}),
  allowQuorumLoss: z.boolean().catch(false),
  overrideFreeze: z.string().nullable().catch(null).transform(reasonOf),
})

/** `null` stays what it is. */
function reasonOf(value: string | null): string | null {
  return value === null ? null : reason(value)
}

export const storedEvent: z.ZodType<RolloutEvent> = z.discriminatedUnion('type', [
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
    tookSeconds: seconds.nullable(),
    errorsPerMinuteBefore: seconds.nullable().catch(null),
  }),
  z.object({
    ...reasoned,
    type: z.literal('not-moved'),
    reason: z.enum(['unreachable', 'vetoed', 'refused', 'shadow']).catch('refused'),
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
  z.object({ ...reasoned, type: z.literal('reverted'), generation: count }),
  z.object({
    ...reasoned,
    type: z.literal('climbed'),
    gate: z.enum(gates).nullable().catch(gates[0]),
    isSilent: z.boolean().catch(false),
  }),
  z.object({ ...onDevice, type: z.literal('healthy'), settledSeconds: seconds.nullable() }),
  z.object({ ...onDevice, type: z.literal('served'), downtimeSeconds: seconds }),
  z.object({
    ...shared,
    type: z.literal('rolling-back'),
    why: text,
    scope: z.enum(['failed', 'wave', 'all']).catch('all'),
    isReleaseToBlame: z.boolean().catch(true),
  }),
  z.object({
    ...onDevice,
    type: z.literal('returned'),
    generation: count,
    missing: z.array(text).max(1_000).catch([]),
  }),
  z.object({ ...onDevice, type: z.literal('verified') }),
  z.object({
    ...byPerson,
    type: z.literal('paused'),
    awaits: z.enum(['resume', 'promotion']).catch('resume'),
  }),
  z.object({ ...byPerson, type: z.enum(['resumed', 'promoted']) }),
  z.object({
    ...shared,
    type: z.literal('ended'),
    result: z.enum(['done', 'rolled_back', 'aborted', 'needs_attention']).catch('needs_attention'),
    why: text,
  }),
])
