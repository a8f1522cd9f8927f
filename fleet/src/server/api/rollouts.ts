/** `/api/v1/rollouts`: their journals, as they are now and event by event. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { rollout, rolloutEvent, rolloutSummary } from '../../api/records/rollout-records.ts'
import { runnerOf } from '../../app/operate/control-rollout.ts'
import { replay } from '../../core/rollout/evolve.ts'
import { formatHolder } from '../../core/rollout/lease.ts'
import { ofNow } from '../../app/serve/waiting-list.ts'
import { eventRecord, statusRecord, summaryRecord } from '../../core/rollout/show/records.ts'
import type { ApiEnv } from './env.ts'
import { pageAfter, pageOf, pageQuery } from './page.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'
import { problemResponse, problem, type ProblemText } from './problem.ts'

const rolloutSchema = rollout.meta({ id: 'Rollout' })

export const rolloutParams = z.object({ rollout: z.string().max(64) })

const listRollouts = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/rollouts',
  tags: ['rollouts'],
  summary: 'Rollouts, newest first',
  request: { query: pageQuery },
  responses: {
    ...refusals,
    200: {
      description: 'As `timeball rollout list --json`.',
      content: {
        'application/json': {
          schema: pageOf(rolloutSummary.meta({ id: 'RolloutSummary' }), 'RolloutPage'),
        },
      },
    },
  },
})

const getRollout = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/rollouts/{rollout}',
  tags: ['rollouts'],
  summary: 'Where a rollout is',
  request: { params: rolloutParams },
  responses: {
    ...refusals,
    200: {
      description: 'As `timeball rollout status --json`.',
      headers: z.object({ etag: z.string().describe('Changes with each event of its journal.') }),
      content: { 'application/json': { schema: rolloutSchema } },
    },
    404: problemResponse('There is no such rollout.'),
  },
})

const listEvents = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/rollouts/{rollout}/events',
  tags: ['rollouts'],
  summary: 'The journal of a rollout, oldest first',
  request: { params: rolloutParams, query: pageQuery },
  responses: {
    ...refusals,
    200: {
      description: 'As `timeball rollout show --json`; `after` is a place in the journal.',
      content: {
        'application/json': {
          schema: pageOf(rolloutEvent.meta({ id: 'RolloutEvent' }), 'RolloutEventPage'),
        },
      },
    },
    404: problemResponse('There is no such rollout.'),
  },
})

export function addRollouts(api: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  const { rollouts } = parts
  api.openapi(listRollouts, async (context) => {
    const all = await rollouts.list()
    const keyOf = (each: (typeof all)[number]): string => placeOf(each)
    const page = pageAfter(all, context.req.valid('query'), { keyOf, order: 'down' })
    const items = page.items.map((each) => ({
      type: 'rollout_summary' as const,
      ...summaryRecord(each),
    }))
    return context.json({ items, next: page.next }, 200)
  })
  api.openapi(getRollout, async (context) => {
    const { rollout: id } = context.req.valid('param')
    const events = await rollouts.events(id)
    const state = replay(events)
    if (state === null) return problem(context, 404, noSuchRollout)
    const nowMs = parts.nowUnixMs()
    const runner = await runnerOf(rollouts, id, nowMs)
    const outlook = ofNow(await parts.readOutlook(id), runner !== null)
    const record = {
      type: 'rollout' as const,
      ...statusRecord(state, { nowMs, outlook }),
      run_by: runner === null ? null : formatHolder(runner),
    }
    return context.json(record, 200, { etag: etagOf(events.length) })
  })
  api.openapi(listEvents, async (context) => {
    const { rollout: id } = context.req.valid('param')
    const { limit, after = '0' } = context.req.valid('query')
    if (!/^\d{1,9}$/.test(after)) {
      return problem(context, 400, { code: 'invalid', detail: 'after is a place in the journal' })
    }
    const skip = Number(after)
    const events = await rollouts.events(id, skip)
    const isKnown = events.length > 0 || (await rollouts.events(id)).length > 0
    if (!isKnown) return problem(context, 404, noSuchRollout)
    const items = events.slice(0, limit).map((event) => ({
      type: 'event' as const,
      ...eventRecord(event),
      rollout: id,
    }))
    const next = events.length > limit ? String(skip + limit) : null
    return context.json({ items, next }, 200)
  })
}

export const noSuchRollout: ProblemText = {
  code: 'not-found',
  detail: 'there is no such rollout',
  hint: '/api/v1/rollouts lists them',
}

/** Of a journal with so many events. */
export function etagOf(events: number): string {
  return `"${events}"`
}

/** Sorts as they began, also those of one second. */
function placeOf(each: { readonly startedUnixMs: number; readonly rollout: string }): string {
  return `${String(each.startedUnixMs).padStart(15, '0')}-${each.rollout}`
}
