/** `/api/v1/clocks`: the servers of the newest sweep, and what earlier ones measured. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { server, time } from '../../api/records/health-records.ts'
import { unixMs } from '../../api/records/parts.ts'
import { clockRecord, timeRecord } from '../../core/clock/json.ts'
import { clockPoint, clockPointRecord } from '../../api/records/clock-point-record.ts'
import { chooseStep, steps } from '../../core/clock/series.ts'
import type { ApiEnv } from './env.ts'
import { pageAfter, pageQuery, pageShape } from './page.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'
import { problem, problemResponse } from './problem.ts'
import { selectedBy, targets } from './targets.ts'

const sweepPage = z
  .strictObject({
    ...pageShape(server.meta({ id: 'Clock' })),
    swept_unix_ms: unixMs.nullable().describe('When the sweep began; null: there was none yet.'),
    took_seconds: z.number().nullable(),
    time: time.nullable().describe("The fleet's time, where the votes decide it."),
  })
  .meta({ id: 'Sweep' })

const listClocks = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/clocks',
  tags: ['clocks'],
  summary: 'Servers by name, as the newest sweep measured them',
  request: { query: pageQuery.extend(targets) },
  responses: {
    ...refusals,
    200: {
      description: 'Servers; `q` chooses devices, and leaves out references.',
      content: { 'application/json': { schema: sweepPage } },
    },
  },
})

const mostPoints = 10_000

const samplesQuery = z.object({
  since: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Unix time in ms; a day ago if left out.'),
  until: z.coerce.number().int().min(0).optional().describe('Unix time in ms; now if left out.'),
  step: z
    .enum(steps)
    .optional()
    .describe(
      'raw: each sweep, for a day; minute: for a month; hour: for two years. Left out: the finest with at most `limit` points.',
    ),
  limit: z.coerce.number().int().min(1).max(mostPoints).default(2_000),
})

const listSamples = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/clocks/{server}/samples',
  tags: ['clocks'],
  summary: 'What was measured of a server, oldest first',
  request: { params: z.object({ server: z.string().max(253) }), query: samplesQuery },
  responses: {
    ...refusals,
    200: {
      description: 'The newest points of the time asked for.',
      content: {
        'application/json': {
          schema: z
            .strictObject({
              server: z.string(),
              step: z.enum(steps),
              items: z.array(clockPoint.meta({ id: 'ClockPoint' })).readonly(),
              is_whole: z
                .boolean()
                .describe('false: there are older ones than `limit` lets through.'),
            })
            .meta({ id: 'Samples' }),
        },
      },
    },
    404: problemResponse('There is no such server.'),
  },
})

export function addClocks(api: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  api.openapi(listClocks, async (context) => {
    const { q, ...query } = context.req.valid('query')
    const selected = await selectedBy(parts, q)
    if (!selected.ok) return problem(context, 400, selected.failure)
    const { clocks } = await parts.controller.view()
    const rows = (clocks?.rows ?? []).filter(
      ({
        judgement: {
          server: { kind, name },
        },
      }) => (kind === 'reference' ? q === undefined : selected.value(name)),
    )
    const page = pageAfter(rows, query, {
      keyOf: ({ judgement }) => judgement.server.name,
      order: 'up',
    })
    const body = {
      items: page.items.map(clockRecord),
      next: page.next,
      swept_unix_ms: clocks?.startedUnixMs ?? null,
      took_seconds: clocks?.tookSeconds ?? null,
      time: clocks === null ? null : timeRecord(clocks.time),
    }
    return context.json(body, 200)
  })
  api.openapi(listSamples, async (context) => {
    const { server: name } = context.req.valid('param')
    const { since, until, step: wanted, limit } = context.req.valid('query')
    const { fleet, clocks } = await parts.controller.view()
    const isKnown =
      fleet.devices.some((device) => device.name === name) ||
      clocks?.rows.some(({ judgement }) => judgement.server.name === name) === true
    if (!isKnown) {
      const hint = '/api/v1/clocks lists them'
      return problem(context, 404, { code: 'not-found', detail: 'no such server', hint })
    }
    const nowUnixMs = parts.nowUnixMs()
    const untilUnixMs = until ?? nowUnixMs
    const sinceUnixMs = since ?? untilUnixMs - 86_400_000
    const span = { sinceUnixMs, untilUnixMs }
    const step = wanted ?? chooseStep(span, limit, nowUnixMs)
    const points = await parts.series.points(name, { ...span, step, newest: limit + 1 })
    const items = points.slice(-limit).map(clockPointRecord)
    return context.json({ server: name, step, items, is_whole: points.length <= limit }, 200)
  })
}
