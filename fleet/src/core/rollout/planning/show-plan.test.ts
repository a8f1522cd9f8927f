import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetOf, guideInventory } from '../../../../test/make-fleet.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { RolloutPlan } from '../plan.ts'
import { planRollout } from './plan-rollout.ts'
import { formatRolloutPlan, rolloutPlanRecord, type RolloutPlanView } from './show-plan.ts'
import { starFleet } from './test/random-fleet.ts'

const image = `registry.example/server@sha256:${'0123456789abcdef'.repeat(4)}`
const release = { image, imageAsWritten: 'registry.example/server:2', kind: 'image' } as const

function planOf(fleet: Fleet, leftAlone: Readonly<Record<string, string>> = {}): RolloutPlan {
  const selected = fleet.devices.map(({ name }) => name)
  const plan = planRollout({ fleet, file: 'f', selected, leftAlone, allowQuorumLoss: false })
  assert.ok(plan.ok)
  return plan.value
}

function viewOf(fleet: Fleet, good: readonly string[]): RolloutPlanView {
  const layout = { color: false, width: null }
  return { release, settings: fleet.settings.rollout, good: new Set(good), layout }
}

function shown(fleet: Fleet, plan: RolloutPlan, good: readonly string[]): string {
  return formatRolloutPlan(plan, viewOf(fleet, good))
    .map(({ text }) => text)
    .join('\n')
}

const guide = ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01', 'pi-ntp-02']

test('the fleet of the guide', () => {
  const fleet = fleetOf()
  assert.equal(
    shown(fleet, planOf(fleet), guide),
    `Rollout of registry.example/server:2 (sha256:0123456789ab…): 4 devices in 3 waves

WAVE    DEVICE     ROLE      WHY
canary  pi-ntp-01  stratum2  canary of stratum2: a follower; pi-ntp-02 is its baseline
canary  pi-gps-01  stratum1  canary of stratum1: a source of 2 devices; pi-gps-02 is its baseline
1       pi-ntp-02  stratum2  follows pi-gps-01 and 1 more
2       pi-gps-02  stratum1  after pi-ntp-01 and 1 more, which follow it

stratum1: 2 good now, at most 1 away at once, 1 must stay: ok
stratum2: 2 good now, at most 1 away at once, 1 must stay: ok
warning: stratum1 has 2 servers: 1 stays while one moves, too few to outvote a falseticker
warning: stratum2 has 2 servers: 1 stays while one moves, too few to outvote a falseticker
Takes at least 30m: every canary is watched for 10m, every other device for 5m.`,
  )
})

test('that somebody has to promote the canaries is said before they move', () => {
  const manual = fleetOf(guideInventory, 'rollout: { canary: { promote: manual } }\n')
  const text = shown(manual, planOf(manual), guide)
  assert.match(text, /^After the canaries it waits for you: timeball rollout promote$/m)
  assert.match(text, /^Takes at least 30m, and as long as it waits for you: /m)
  const none = fleetOf(guideInventory, 'rollout: { canary: { count: 0, promote: manual } }\n')
  assert.doesNotMatch(shown(none, planOf(none), guide), /promote/)
})

test('devices of one reason are one row, and those left alone are folded', () => {
  const text = 'rollout: { quorum: { min_good: 1 }, waves: ["100%"] }\n'
  const fleet = starFleet({ sources: 2, followers: 9, sites: 2 }, text)
  const leftAlone = { 'ntp-7': 'unreachable', 'ntp-8': 'unreachable', 'gps-1': 'up to date' }
  assert.equal(
    shown(fleet, planOf(fleet, leftAlone), ['gps-1', 'ntp-1']),
    `Rollout of registry.example/server:2 (sha256:0123456789ab…): 8 devices in 2 waves

WAVE    DEVICE           ROLE      SITE    WHY
canary  ntp-0            stratum2  site-0  canary of stratum2: a follower; ntp-6 is its baseline
canary  gps-0            stratum1  site-0  canary of stratum1: a source of 7 devices; there is no baseline
1       ntp-[1,3,5] (3)  stratum2  site-1  follows gps-0 and 1 more
1       ntp-[2,4,6] (3)  stratum2  site-0  follows gps-0 and 1 more

stratum1: 1 good now, at most 0 away at once, 1 must stay: no good one can be moved
stratum2: 1 good now, at most 0 away at once, 1 must stay: no good one can be moved
gps-0 gives no good time now: ntp-[0-6], which follow it, wait until it does
left alone: ntp-[7-8] (2): unreachable
left alone: gps-1: up to date
warning: canary without a baseline, since none of its role stays as it is: gps-0
Takes at least 25m: every canary is watched for 10m, every other device for 5m.`,
  )
})

test('where nothing moves, that is said', () => {
  const fleet = fleetOf()
  const leftAlone = Object.fromEntries(guide.map((name) => [name, 'up to date']))
  const lines = shown(fleet, planOf(fleet, leftAlone), guide).split('\n')
  assert.equal(
    lines[0],
    `Rollout of ${release.imageAsWritten} (sha256:0123456789ab…): no device moves.`,
  )
  assert.ok(lines.includes('left alone: pi-gps-[01-02], pi-ntp-[01-02] (4): up to date'))
})

test('the record has the same, without folding', () => {
  const fleet = fleetOf(guideInventory, 'rollout: { diversity: { keep_previous: 1 } }\n')
  const plan = planOf(fleet)
  const record = rolloutPlanRecord(plan, viewOf(fleet, ['pi-gps-01']))
  assert.deepEqual(record['waves'], [
    { wave: 'canary', kind: 'canary', devices: ['pi-ntp-01', 'pi-gps-01'] },
    { wave: 'held-back', kind: 'held-back', devices: ['pi-ntp-02', 'pi-gps-02'] },
  ])
  assert.deepEqual(record['quorum'], [
    {
      set: 'stratum1',
      members: ['pi-gps-01', 'pi-gps-02'],
      good: 1,
      min_good: 1,
      may_be_away: 0,
      verdict: 'tight',
    },
    {
      set: 'stratum2',
      members: ['pi-ntp-01', 'pi-ntp-02'],
      good: 0,
      min_good: 1,
      may_be_away: 0,
      verdict: 'broken',
    },
  ])
  assert.deepEqual(record['waiting_for'], { 'pi-gps-02': ['pi-ntp-01', 'pi-ntp-02'] })
  assert.equal(record['at_least_seconds'], 1_200)
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record)
})

/** Of five sources, of which three stay good. */
function leastMinutes(rest: string): number {
  const always = 'canary: { count: 0 }, min_healthy_time: 5m, waves: ["100%"]'
  const fleet = starFleet({ sources: 5, followers: 0 }, `rollout: { ${always}${rest} }\n`)
  const record = rolloutPlanRecord(planOf(fleet), viewOf(fleet, []))
  return record.at_least_seconds / 60
}

test('the least time counts what may not be away together', () => {
  assert.equal(leastMinutes(''), 15)
  assert.equal(leastMinutes(', max_parallel: 1'), 25)
  assert.equal(leastMinutes(', stagger: 10m'), 45)
  assert.equal(leastMinutes(', quorum: { min_good: 0 }'), 5)
})
