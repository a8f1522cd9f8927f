/** `/api/v1/devices`: each device as the controller knows it. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'
import { deviceState, deviceStateRecords } from '../../api/records/device-state-record.ts'
import type { ApiEnv } from './env.ts'
import { pageAfter, pageOf, pageQuery } from './page.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'
import { problem, problemResponse } from './problem.ts'
import { selectedBy, targets } from './targets.ts'

const schema = deviceState.meta({ id: 'Device' })

const listDevices = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/devices',
  tags: ['devices'],
  summary: 'Devices by name: state, clock and facts',
  request: { query: pageQuery.extend(targets) },
  responses: {
    ...refusals,
    200: {
      description: 'Devices, as the controller knows them without asking.',
      content: { 'application/json': { schema: pageOf(schema, 'DevicePage') } },
    },
  },
})

const getDevice = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/devices/{device}',
  tags: ['devices'],
  summary: 'One device',
  request: { params: z.object({ device: z.string().max(253) }) },
  responses: {
    ...refusals,
    200: {
      description: 'The device.',
      content: { 'application/json': { schema } },
    },
    404: problemResponse('The fleet has no such device.'),
  },
})

export function addDevices(api: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  async function all() {
    const view = await parts.controller.view()
    const facts = await parts.facts()
    return deviceStateRecords({ view, facts, nowUnixMs: parts.nowUnixMs() })
  }
  api.openapi(listDevices, async (context) => {
    const { q, ...query } = context.req.valid('query')
    const selected = await selectedBy(parts, q)
    if (!selected.ok) return problem(context, 400, selected.failure)
    const chosen = (await all()).filter(({ device }) => selected.value(device))
    const page = pageAfter(chosen, query, { keyOf: ({ device }) => device, order: 'up' })
    return context.json(page, 200)
  })
  api.openapi(getDevice, async (context) => {
    const { device } = context.req.valid('param')
    const found = (await all()).find((each) => each.device === device)
    if (found !== undefined) return context.json(found, 200)
    return problem(context, 404, {
      code: 'not-found',
      detail: 'the fleet has no such device',
      hint: '/api/v1/devices lists them',
    })
  })
}
