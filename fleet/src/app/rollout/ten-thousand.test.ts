/** A rollout through a large fleet, in virtual time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wave } from '../../core/rollout/plan.ts'
import { member, planOf, settingsFor, simulate } from './test/simulation.ts'

test('10,000 devices: every one is healthy in the end, and the quorum was kept all the time', async () => {
  const sources = Array.from({ length: 20 }, (_, index) => member(`s${index}`))
  const followers = Array.from({ length: 9_980 }, (_, index) => {
    return member(`f${index}`, [`s${index % 20}`, `s${(index + 7) % 20}`])
  })
  const names = [...followers, ...sources].map(({ device }) => device)
  const waves: Wave[] = [
    { kind: 'canary', devices: names.slice(0, 1) },
    { kind: 'wave', devices: names.slice(1, 500) },
    { kind: 'wave', devices: names.slice(500) },
  ]
  const sets = [
    { name: 'stratum1', members: sources.map(({ device }) => device), minGood: 18 },
    { name: 'stratum2', members: followers.map(({ device }) => device), minGood: 9_000 },
  ]
  const { fleet, state } = await simulate({
    plan: planOf([...sources, ...followers], waves, sets),
    settings: settingsFor({ max_parallel: '10%', progress_deadline: '3h', healthy_deadline: '2h' }),
    ailments: {},
    badBefore: new Set(),
  })
  assert.deepEqual(state.status, { kind: 'ended', result: 'done', why: '' })
  assert.deepEqual(fleet.broken, [])
  assert.ok([...state.devices.values()].every(({ phase }) => phase === 'healthy'))
})
