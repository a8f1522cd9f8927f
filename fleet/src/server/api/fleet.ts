/** `/api/v1/fleet`: the fleet as a whole. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { fleetStatus, fleetStatusRecord } from '../../api/records/status-record.ts'
import { leftDevices } from '../../core/device/left-devices.ts'
import type { ApiEnv } from './env.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'

const getFleet = createRoute({
  ...policy('viewer'),
  method: 'get',
  path: '/fleet',
  tags: ['fleet'],
  summary: 'The fleet as a whole, as the newest sweep saw it',
  responses: {
    ...refusals,
    200: {
      description: 'As `timeball status --json`; nothing is asked of the devices.',
      content: { 'application/json': { schema: fleetStatus.meta({ id: 'Fleet' }) } },
    },
  },
})

export function addFleet(api: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  api.openapi(getFleet, async (context) => {
    const { fleet, clocks, imageAsWritten, rollouts: seen } = await parts.controller.view()
    const { rollouts } = parts
    const now = { still: seen.still, waiting: seen.waiting ?? [] }
    const [newest = null] = await rollouts.list()
    const holder = await rollouts.holder(parts.nowUnixMs())
    const status = {
      fleet: fleet.name,
      image: imageAsWritten,
      devices: fleet.devices.length,
      good: fleet.devices.filter(({ name }) => clocks?.good.has(name) === true).length,
      quorum: clocks?.quorum ?? [],
      remembered: { newest, blocked: await rollouts.blocked(), holder, ...now },
      left: leftDevices(await rollouts.known(), fleet.devices),
    }
    return context.json(fleetStatusRecord(status), 200)
  })
}
