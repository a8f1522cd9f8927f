import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { settingsOf, shownProblems } from '../../../../test/make-fleet.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { QuorumSet } from '../plan.ts'
import { membersOf } from './members.ts'
import { quorumNow, quorumText } from './quorum-now.ts'
import { quorumSets, type QuorumPlan } from './quorum-sets.ts'
import { randomFleets, starFleet } from './test/random-fleet.ts'

function read(quorum: string, sources = 5): Result<QuorumPlan, readonly Problem[]> {
  const members = membersOf(starFleet({ sources, followers: 2, sites: 2 }).devices)
  const { rollout } = settingsOf(`rollout: { quorum: ${quorum} }\n`)
  return quorumSets(members, rollout, 'fleet.yaml')
}

function setsOf(quorum: string): QuorumSet[] {
  const plan = read(quorum)
  assert.ok(plan.ok)
  return [...plan.value.sets]
}

test('three stay good of each role, or all but one where there are three or fewer, with a warning', () => {
  assert.deepEqual(
    setsOf('{}').map(({ name, minGood }) => [name, minGood]),
    [
      ['stratum1', 3],
      ['stratum2', 1],
    ],
  )
  const plan = read('{}', 1)
  assert.deepEqual(plan.ok && plan.value.warnings, [
    'stratum1 has 1 server: nothing serves its clients while that one moves',
    'stratum2 has 2 servers: 1 stays while one moves, too few to outvote a falseticker',
  ])
})

test('sets of sites, of the fleet, and of the clients that are named', () => {
  assert.deepEqual(
    setsOf('{ per: site }').map(({ name, members }) => [name, members.length]),
    [
      ['site site-0', 4],
      ['site site-1', 3],
    ],
  )
  assert.deepEqual(
    setsOf('{ per: fleet, min_good: 2, sets: { dmz: [ntp-1, "gps-[12]", "*-1"] } }'),
    [
      {
        name: 'fleet',
        members: ['gps-0', 'gps-1', 'gps-2', 'gps-3', 'gps-4', 'ntp-0', 'ntp-1'],
        minGood: 2,
      },
      { name: 'dmz', members: ['gps-1', 'gps-2', 'ntp-1'], minGood: 2 },
    ],
  )
})

test('a client set that names nobody, or has the name of another set, is refused', () => {
  assert.deepEqual(shownProblems(read('{ sets: { dmz: [ntp-O, "x*"], stratum1: [gps-0] } }')), [
    'fleet.yaml: rollout.quorum.sets.dmz has "ntp-O", which is no device | Did you mean ntp-0, ntp-1?',
    'fleet.yaml: rollout.quorum.sets.dmz has "x*", which is no device',
    'fleet.yaml: rollout.quorum.sets.stratum1 is the name of another set',
  ])
})

test('the arithmetic of now: a bad device is absent already', () => {
  const set = { name: 'stratum1', members: ['a', 'b', 'c'], minGood: 1 }
  const text = (...good: string[]): string => quorumText(quorumNow(set, new Set(good)))
  assert.equal(text('a', 'b', 'x'), 'stratum1: 2 good now, at most 1 away at once, 1 must stay: ok')
  assert.match(
    text('a'),
    /1 good now, at most 0 away at once, 1 must stay: no good one can be moved$/,
  )
  assert.match(text(), /0 good now, at most 0 away at once, 1 must stay: fewer than required$/)
})

test('as many as may be away leave enough', () => {
  fc.assert(
    fc.property(randomFleets(), fc.func(fc.boolean()), (fleet, isGood) => {
      const plan = quorumSets(membersOf(fleet.devices), fleet.settings.rollout, 'fleet.yaml')
      assert.ok(plan.ok)
      for (const set of plan.value.sets) {
        assert.ok(set.minGood < set.members.length)
        const now = quorumNow(set, new Set(set.members.filter(isGood)))
        assert.ok(now.mayBeAway <= now.good)
        if (now.mayBeAway > 0) assert.equal(now.good - now.mayBeAway, now.minGood)
        assert.equal(now.verdict === 'ok', now.good > now.minGood)
      }
    }),
  )
})
