/** `/api/v1/rollouts/ROLLOUT/requests`: what people ask of a rollout, and whoever runs it does. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { rolloutId, unknownText } from '../../api/records/parts.ts'
import { handToRunner, leaveToController } from '../../app/operate/control-rollout.ts'
import type { Refusal } from '../../app/operate/refusal.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { reason } from '../../core/rollout/reason.ts'
import type { ApiEnv } from './env.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'
import { problem, problemResponse, type ProblemText } from './problem.ts'
import { onceEach } from './once-each.ts'
import { etagOf, noSuchRollout, rolloutParams } from './rollouts.ts'

const action = z.enum(['pause', 'resume', 'promote', 'abort', 'rollback'])

const rolloutRequest = z
  .strictObject({
    action,
    why: z.string().max(500).default('').describe('For the journal.'),
  })
  .meta({ id: 'RolloutRequest' })

const rolloutAsked = z
  .strictObject({
    rollout: rolloutId,
    action,
    by: z.string(),
    run_by: unknownText.describe('Who runs it and was asked; null: the controller takes it up.'),
  })
  .meta({ id: 'RolloutAsked' })

const postRequest = createRoute({
  ...policy('operator'),
  method: 'post',
  path: '/rollouts/{rollout}/requests',
  tags: ['rollouts'],
  summary: 'Pause, resume, promote, abort or roll back a rollout',
  description:
    'As `timeball rollout ACTION`. What comes of it is in the journal, and told as `rollout` events.',
  request: {
    params: rolloutParams,
    headers: z.object({
      'if-match': z
        .string()
        .max(64)
        .optional()
        .describe('The `etag` of the rollout as it was seen.'),
      'idempotency-key': z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('A request that comes again with it is asked once.'),
    }),
    body: { required: true, content: { 'application/json': { schema: rolloutRequest } } },
  },
  responses: {
    ...refusals,
    202: {
      description: 'It was asked.',
      headers: z.object({ location: z.string() }),
      content: { 'application/json': { schema: rolloutAsked } },
    },
    404: problemResponse('There is no such rollout.'),
    409: problemResponse('It cannot be done in the state of the rollout.'),
    412: problemResponse('The rollout moved since it was seen.'),
  },
})

export function addRequests(api: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  const { rollouts } = parts
  const once = onceEach<z.output<typeof rolloutAsked>>()
  api.openapi(postRequest, async (context) => {
    const { rollout } = context.req.valid('param')
    const { 'if-match': seen, 'idempotency-key': key } = context.req.valid('header')
    const { action: wanted, why } = context.req.valid('json')
    const by = context.get('caller').name
    const told = { location: `/api/v1/rollouts/${rollout}` }
    const known = once.find(key, { by, rollout, wanted, why })
    if (known === 'another') return problem(context, 409, keyOfAnother)
    if (known !== null) return context.json(known, 202, told)
    const { length } = await rollouts.events(rollout)
    if (length === 0) return problem(context, 404, noSuchRollout)
    if (seen !== undefined && seen !== etagOf(length)) return problem(context, 412, moved)
    const asked = { rollout, request: { action: wanted, by, why: reason(why) } }
    const handed = await handToRunner(rollouts, asked, parts.nowUnixMs())
    if (!handed.ok) return problem(context, 409, textOf(handed.failure))
    if (handed.value === null) await leaveToController(rollouts, asked)
    const runner = handed.value === null ? null : formatHolder(handed.value)
    const answer = { rollout, action: wanted, by, run_by: runner }
    once.keep(key, { by, rollout, wanted, why }, answer)
    return context.json(answer, 202, told)
  })
}

const keyOfAnother: ProblemText = {
  code: 'idempotency-key',
  detail: 'another request had this key',
  hint: 'make a new key for each request',
}

const moved: ProblemText = {
  code: 'moved',
  detail: 'the rollout moved since it was seen',
  hint: 'read it anew, and ask again',
}

function textOf(refusal: Refusal): ProblemText {
  if (refusal.kind === 'impossible') {
    return { code: 'impossible', detail: `there is nothing to ${refusal.action}: ${refusal.why}` }
  }
  const detail = 'events of its journal are broken, so that it cannot go on'
  return { code: refusal.kind, detail, hint: 'it can be aborted or rolled back' }
}
