import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fleetOf, guideInventory, shownProblems } from '../../../../test/make-fleet.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { fail } from '@timeball/lib/result.ts'
import type { RolloutPlan } from '../plan.ts'
import { planRollout, type RolloutWish } from './plan-rollout.ts'
import { randomFleets, starFleet } from './test/random-fleet.ts'

function planOf(fleet: Fleet, wish: Partial<RolloutWish> = {}): RolloutPlan {
  const selected = fleet.devices.map(({ name }) => name)
  const whole = { fleet, file: 'fleet.yaml', selected, leftAlone: {}, allowQuorumLoss: false }
  const plan = planRollout({ ...whole, ...wish })
  assert.ok(plan.ok, JSON.stringify(plan))
  return plan.value
}

function guidePlan(rollout: string, wish: Partial<RolloutWish> = {}): RolloutPlan {
  return planOf(fleetOf(guideInventory, `rollout: ${rollout}\n`), wish)
}

test('the fleet of the guide: a canary of each role beside its control, followers first', () => {
  const { waves, why } = guidePlan('{}')
  assert.deepEqual(waves, [
    { kind: 'canary', devices: ['pi-ntp-01', 'pi-gps-01'] },
    { kind: 'wave', devices: ['pi-ntp-02'] },
    { kind: 'wave', devices: ['pi-gps-02'] },
  ])
  assert.deepEqual(why, {
    'pi-ntp-01': 'canary of stratum2: a follower; pi-ntp-02 is its baseline',
    'pi-gps-01': 'canary of stratum1: a source of 2 devices; pi-gps-02 is its baseline',
    'pi-ntp-02': 'wave 1: follows pi-gps-01 and 1 more',
    'pi-gps-02': 'wave 2: after pi-ntp-01 and 1 more, which follow it',
  })
})

test('diversity keeps the last server of each client set a release behind', () => {
  const { waves, why } = guidePlan('{ diversity: { keep_previous: 1, for: 7d } }')
  assert.deepEqual(waves, [
    { kind: 'canary', devices: ['pi-ntp-01', 'pi-gps-01'] },
    { kind: 'held-back', devices: ['pi-ntp-02', 'pi-gps-02'] },
  ])
  assert.equal(why['pi-gps-02'], 'held back, a release behind for 7d: last of stratum1')
})

test('one server that several client sets use is kept for all of them', () => {
  const quorum = 'quorum: { sets: { dmz: [pi-gps-01, pi-ntp-01] } }'
  const { waves, why } = guidePlan(`{ diversity: { keep_previous: 1 }, ${quorum} }`)
  assert.deepEqual(waves.at(-1), { kind: 'held-back', devices: ['pi-ntp-02', 'pi-gps-01'] })
  assert.match(why['pi-gps-01'] ?? '', /last of dmz$/)
})

test('who was not selected stays behind anyway, and is a control', () => {
  const rollout = '{ diversity: { keep_previous: 1 } }'
  const { waves, why } = guidePlan(rollout, { selected: ['pi-gps-01'] })
  assert.deepEqual(waves, [{ kind: 'canary', devices: ['pi-gps-01'] }])
  assert.match(why['pi-gps-01'] ?? '', /pi-gps-02 is its baseline$/)
})

test('a device that is left alone moves nowhere and is no control', () => {
  const leftAlone = { 'pi-ntp-02': 'up to date', 'pi-gps-01': 'unreachable' }
  const { waves, warnings, leftAlone: told } = guidePlan('{}', { leftAlone })
  assert.deepEqual(waves, [{ kind: 'canary', devices: ['pi-ntp-01', 'pi-gps-02'] }])
  assert.deepEqual(told, leftAlone)
  assert.ok(warnings.some((text) => text.startsWith('canary without a baseline')))
})

test('as many canaries as leave one to compare with, and none when none are wanted', () => {
  const many = guidePlan('{ canary: { count: 9 } }')
  assert.deepEqual(many.waves[0], { kind: 'canary', devices: ['pi-ntp-01', 'pi-gps-01'] })
  assert.ok(many.warnings.some((text) => text.startsWith('fewer canaries than 9')))
  assert.equal(guidePlan('{ canary: { count: 0 } }').waves[0]?.kind, 'wave')
  const one = guidePlan('{ canary: { per: fleet } }')
  assert.deepEqual(one.waves[0]?.devices, ['pi-ntp-01'])
})

test('a percentage limit on one host is one host (Kamal 681)', () => {
  const fleet = starFleet({ sources: 1, followers: 0 })
  const { waves } = planOf(fleet)
  assert.deepEqual(waves, [{ kind: 'canary', devices: ['gps-0'] }])
})

test('waves grow, and the last size repeats', () => {
  const fleet = starFleet({ sources: 4, followers: 96 }, 'rollout: { waves: [1, "5%", "25%"] }\n')
  const sizes = planOf(fleet).waves.map(({ devices }) => devices.length)
  assert.deepEqual(sizes, [2, 1, 5, 25, 25, 25, 17])
})

test('a quorum that cannot be kept is refused with the arithmetic, unless its loss is allowed', () => {
  const fleet = fleetOf(guideInventory, 'rollout: { quorum: { min_good: 2 } }\n')
  const selected = ['pi-gps-01', 'pi-gps-02']
  const wish = { fleet, file: 'fleet.yaml', selected, leftAlone: {}, allowQuorumLoss: false }
  const refused = planRollout(wish)
  assert.ok(!refused.ok && refused.failure.kind === 'quorum')
  assert.deepEqual(shownProblems(fail(refused.failure.problems)), [
    'fleet.yaml: stratum1 has 2 servers; 2 must stay good while one moves: 2 - 1 = 1 < 2 | Lower rollout.quorum.min_good, add servers, or say --allow-quorum-loss',
  ])
  const { warnings } = planOf(fleet, { selected, allowQuorumLoss: true })
  assert.deepEqual(warnings, [
    'the quorum will be lost, as allowed: stratum1 has 2 servers; 2 must stay good while one moves: 2 - 1 = 1 < 2',
  ])
  assert.ok(
    planRollout({ ...wish, leftAlone: Object.fromEntries(selected.map((n) => [n, 'x'])) }).ok,
  )
})

test('the only source of a follower is warned of', () => {
  const fleet = fleetOf(guideInventory.replace('"pi-gps-01,pi-gps-02"', 'pi-gps-01'))
  const { warnings } = planOf(fleet)
  assert.ok(
    warnings.includes('pi-gps-01 is the only source of pi-ntp-01: they hold over while it moves'),
  )
})

test('every selected device has one place or is left alone, canaries are first and kept ones last', () => {
  fc.assert(
    fc.property(randomFleets(), fc.func(fc.nat(5)), (fleet, dice) => {
      const names = fleet.devices.map(({ name }) => name)
      const selected = names.filter((name) => dice('selected', name) !== 0)
      const away = selected.filter((name) => dice('away', name) === 0)
      const leftAlone = Object.fromEntries(away.map((name) => [name, 'unreachable']))
      const plan = planOf(fleet, { selected, leftAlone, allowQuorumLoss: true })
      const placed = plan.waves.flatMap(({ devices }) => devices)
      assert.deepEqual([...placed, ...away].toSorted(), selected.toSorted())
      assert.deepEqual(Object.keys(plan.why).toSorted(), placed.toSorted())
      const kinds = plan.waves.map(({ kind }) => kind)
      assert.deepEqual(
        kinds,
        kinds.toSorted((one, other) => rank(one) - rank(other)),
      )
      assert.ok(kinds.filter((kind) => kind === 'canary').length <= 1)
      assert.ok(kinds.filter((kind) => kind === 'held-back').length <= 1)
      assert.ok(plan.waves.every(({ devices }) => devices.length > 0))
    }),
  )
})

function rank(kind: RolloutPlan['waves'][number]['kind']): number {
  return ['canary', 'wave', 'held-back'].indexOf(kind)
}

test('no source moves before a device that follows it, canaries and kept ones apart', () => {
  fc.assert(
    fc.property(randomFleets(), (fleet) => {
      const plan = planOf(fleet, { allowQuorumLoss: true })
      for (const kind of ['canary', 'wave', 'held-back'] as const) {
        const devices = plan.waves.flatMap((wave) => (wave.kind === kind ? wave.devices : []))
        const follows = plan.members.flatMap(({ device, upstreams }) =>
          upstreams.map(
            (upstream) => [devices.indexOf(device), devices.indexOf(upstream)] as const,
          ),
        )
        for (const [at, sourceAt] of follows) assert.ok(sourceAt < 0 || at < sourceAt)
      }
    }),
  )
})

test('each canary has a control of its role that is not changed with it, or is warned of', () => {
  fc.assert(
    fc.property(randomFleets(), (fleet) => {
      const plan = planOf(fleet, { allowQuorumLoss: true })
      const roles = new Map(plan.members.map(({ device, role }) => [device, role]))
      const canaries = plan.waves.find(({ kind }) => kind === 'canary')?.devices ?? []
      for (const canary of canaries) {
        const control = / (\S+) is its baseline$/.exec(plan.why[canary] ?? '')?.[1]
        if (control === undefined) {
          assert.ok(plan.warnings.some((text) => text.startsWith('canary without a baseline')))
        } else {
          assert.equal(roles.get(control), roles.get(canary))
          assert.ok(!canaries.includes(control))
        }
      }
    }),
  )
})

test('each client set keeps as many behind as diversity says, and one moves at least', () => {
  fc.assert(
    fc.property(randomFleets(), fc.integer({ min: 0, max: 4 }), (fleet, keep) => {
      const { settings } = fleet
      const { rollout } = settings
      const diversity = { ...rollout.diversity, keep_previous: keep }
      const changed = { ...fleet, settings: { ...settings, rollout: { ...rollout, diversity } } }
      const plan = planOf(changed, { allowQuorumLoss: true })
      const kept = new Set(plan.waves.find(({ kind }) => kind === 'held-back')?.devices)
      for (const { members } of plan.quorum) {
        const behind = members.filter((member) => kept.has(member)).length
        assert.equal(behind, Math.min(keep, members.length - 1))
      }
    }),
  )
})

test('the same wish has the same plan, and ten thousand devices are planned at once', () => {
  const fleet = starFleet({ sources: 20, followers: 9_980, sites: 100 })
  const plan = planOf(fleet)
  assert.deepEqual(planOf(fleet), plan)
  assert.equal(plan.waves.flatMap(({ devices }) => devices).length, 10_000)
})
