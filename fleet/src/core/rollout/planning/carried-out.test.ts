/** Plans, carried out by the real state machine in a simulated fleet. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { simulate } from '../../../app/rollout/test/simulation.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { planRollout } from './plan-rollout.ts'
import { leastTimeMs } from './least-time.ts'
import { randomFleets } from './test/random-fleet.ts'

async function carryOut(fleet: Fleet) {
  const selected = fleet.devices.map(({ name }) => name)
  const wish = { fleet, file: 'fleet.yaml', selected, leftAlone: {}, allowQuorumLoss: false }
  const plan = planRollout(wish)
  assert.ok(plan.ok, JSON.stringify(plan))
  const settings = { ...fleet.settings.rollout, interval: 60_000 }
  const run = { plan: plan.value, settings, ailments: {}, badBefore: new Set<string>() }
  return { plan: plan.value, settings, ...(await simulate(run)) }
}

test('what is planned for a healthy fleet is done, and takes no less than was said', async () => {
  await fc.assert(
    fc.asyncProperty(randomFleets('any'), async (fleet) => {
      const { plan, settings, state, events, fleet: after } = await carryOut(fleet)
      assert.deepEqual(after.broken, [])
      assert.equal(state.status.kind, 'ended', JSON.stringify({ status: state.status, plan }))
      const kept = new Set(plan.waves.find(({ kind }) => kind === 'held-back')?.devices)
      for (const { name } of fleet.devices) {
        assert.equal(after.release(name), kept.has(name) ? 'old' : 'new')
      }
      const tookMs = (events.at(-1)?.atUnixMs ?? 0) - (events[0]?.atUnixMs ?? 0)
      assert.ok(tookMs >= leastTimeMs(plan, settings))
    }),
    { numRuns: 100 },
  )
})
