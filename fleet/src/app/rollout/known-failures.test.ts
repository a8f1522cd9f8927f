/**
 * Failures that others are known for, each by the number of its issue. Kamal 681 is in
 * `core/rollout/planning`, deploy-rs 86 in the tests of the applier, deploy-rs 214 in `cli/rollout`.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { Wave } from '../../core/rollout/plan.ts'
import type { Ailment } from './test/simulated-fleet.ts'
import {
  go,
  member,
  planOf,
  settingsFor,
  simulate,
  startSimulation,
  type Scenario,
  type Simulation,
} from './test/simulation.ts'

const minute = 60_000
const names = ['c', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8']

/** A canary `c`, then waves of four. */
function scenario(
  ailments: Readonly<Record<string, Ailment>>,
  settings: Readonly<Record<string, unknown>> = {},
): Scenario {
  const waves: Wave[] = [
    { kind: 'canary', devices: names.slice(0, 1) },
    { kind: 'wave', devices: names.slice(1, 5) },
    { kind: 'wave', devices: names.slice(5) },
  ]
  const members = names.map((name) => member(name))
  const quorum = [{ name: 'all', members: names, minGood: 3 }]
  return {
    plan: planOf(members, waves, quorum),
    settings: settingsFor(settings),
    ailments,
    badBefore: new Set(),
  }
}

function moved(events: readonly RolloutEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'move-intended' ? [event.device] : []))
}

function putBack(events: readonly RolloutEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'return-intended' ? [event.device] : []))
}

function timeOf(events: readonly RolloutEvent[], type: RolloutEvent['type']): number {
  const found = events.find((event) => event.type === type)
  assert.ok(found, `no ${type} in ${events.map((event) => event.type).join(' ')}`)
  return found.atUnixMs
}

function resultOf({ state: { status } }: Pick<Simulation, 'state'>): string {
  return status.kind === 'ended' ? status.result : status.kind
}

/** A look, and the one after it. */
const twoLooksMs = 2 * settingsFor().interval

for (const { ailment, atMost, what } of [
  { ailment: 'sick', atMost: 30 * minute, what: 'by its deadline' },
  { ailment: 'flapping', atMost: 40 * minute, what: 'by its deadline and its soak' },
  { ailment: 'soak', atMost: 3 * minute, what: 'as soon as its soak is lost' },
  { ailment: 'dead', atMost: 0, what: 'at once, where that is certain' },
] as const) {
  test(`a canary that cannot get better fails ${what} (Nomad 10465): ${ailment}`, async () => {
    const simulation = await simulate(scenario({ c: ailment }))
    const { events } = simulation
    const took = timeOf(events, 'unhealthy') - timeOf(events, 'moved')
    assert.ok(took <= atMost + twoLooksMs, `${took / 1000} s`)
    assert.deepEqual(moved(events), ['c'])
    assert.equal(resultOf(simulation), 'rolled_back')
  })
}

test('a canary that cannot be judged does not stall: it pauses and says why (Nomad 10465)', async () => {
  const { state, events } = await simulate(scenario({ c: 'inconclusive' }))
  assert.ok(state.status.kind === 'paused')
  assert.equal(state.status.why, 'c cannot be judged: 1 vote')
  assert.deepEqual(moved(events), ['c'])
})

test('going back goes through no canary, no wave and no promotion (Nomad 10882)', async () => {
  const canary = { soak: '2h', promote: 'manual' }
  const manual = { canary, progress_deadline: '3h', on_abort: 'rollback_all' }
  const { fleet, events } = startSimulation(scenario({ d7: 'dead' }, manual))
  assert.equal((await go(fleet, events)).status.kind, 'paused')
  events.push({ type: 'promoted', atUnixMs: fleet.nowMs(), by: 'ada', why: 'good' })
  const state = await go(fleet, events)
  assert.equal(resultOf({ state }), 'rolled_back')
  const back = events.slice(events.findIndex(({ type }) => type === 'rolling-back'))
  const forward = new Set(['wave-started', 'wave-passed', 'paused', 'promoted', 'move-intended'])
  assert.deepEqual(
    back.filter(({ type }) => forward.has(type)),
    [],
  )
  assert.deepEqual([...putBack(events)].toSorted(), names)
  assert.equal(putBack(back)[0], 'd7', 'what is broken goes first')
  const took = timeOf(back, 'ended') - timeOf(back, 'rolling-back')
  assert.ok(took < 10 * minute, `${took / 1000} s, and not the 2 h of the canary`)
  for (const name of names) assert.equal(fleet.release(name), 'old')
  assert.deepEqual(fleet.broken, [])
})

test('going back has a bound of its own, and what it leaves is named (Nomad 10882)', async () => {
  const settings = { abort: { failed_total: 1, lost_total: 1 }, healthy_deadline: '20m' }
  for (const ailment of ['gone', 'stubborn'] as const) {
    const simulation = await simulate(scenario({ c: ailment }, settings))
    const { events, state } = simulation
    const took = timeOf(events, 'ended') - timeOf(events, 'rolling-back')
    assert.ok(took <= 20 * minute + twoLooksMs, `${ailment}: ${took / 1000} s`)
    assert.equal(resultOf(simulation), 'needs_attention')
    assert.equal(state.devices.get('c')?.phase, 'stuck')
  }
})

test('devices that are lost count in the limits (Ansible 56265)', async () => {
  const total = await simulate(scenario({ d1: 'gone', d2: 'gone' }))
  assert.ok(total.state.status.kind === 'ended')
  assert.match(total.state.status.why, /abort\.lost_total: 2/)
  assert.ok(!moved(total.events).includes('d5'))
  const percent = await simulate(
    scenario(
      { d1: 'gone' },
      { abort: { failed_total: 9, lost_total: 9, failed_percent: 20, min_executed: 5 } },
    ),
  )
  assert.ok(percent.state.status.kind === 'ended')
  assert.match(percent.state.status.why, /1 of 5 failed or lost \(abort\.failed_percent: 20\)/)
  assert.ok(!moved(percent.events).includes('d5'))
})

test('a wave or a canary that was wholly unreachable is no success (Ansible 56265)', async () => {
  const limits = { abort: { failed_total: 9, lost_total: 9, failed_percent: 100 } }
  for (const ailment of ['away', 'gone'] as const) {
    const wave = await simulate(
      scenario({ d1: ailment, d2: ailment, d3: ailment, d4: ailment }, limits),
    )
    assert.ok(wave.state.status.kind === 'paused', `${ailment}: ${resultOf(wave)}`)
    assert.equal(wave.state.status.why, 'wave not passed by d1, d2, d3, d4')
    assert.ok(!moved(wave.events).includes('d5'))
    const canary = await simulate(scenario({ c: ailment }, limits))
    assert.ok(canary.state.status.kind === 'paused', `${ailment}: ${resultOf(canary)}`)
    assert.equal(canary.state.status.why, 'canary not passed by c')
    assert.ok(!moved(canary.events).includes('d1'))
  }
})

test('what was not reached is named in the end, and is no device that was done (Ansible 56265)', async () => {
  const simulation = await simulate(scenario({ d2: 'away' }))
  assert.equal(resultOf(simulation), 'done')
  const left = [...simulation.state.devices.values()].filter(({ phase }) => phase !== 'healthy')
  assert.deepEqual(
    left.map(({ device, phase }) => [device, phase]),
    [['d2', 'not-reached']],
  )
})

for (const ailment of ['refuses', 'fails', 'dead'] as const) {
  test(`after the failure that ends it nothing more is started, in its wave neither (Salt 54521): ${ailment}`, async () => {
    const simulation = await simulate(scenario({ d2: ailment }, { max_parallel: 1 }))
    const { events, state, fleet } = simulation
    assert.deepEqual(moved(events), ['c', 'd1', 'd2'])
    for (const name of ['d3', 'd4', 'd5']) {
      assert.equal(state.devices.get(name)?.phase, 'not-reached')
      assert.equal(fleet.release(name), 'old')
    }
    assert.equal(resultOf(simulation), 'rolled_back')
  })
}

test('a device is moved once and put back once, however often it is taken up', async () => {
  const { fleet, events } = startSimulation(scenario({ c: 'soak' }))
  const first = await go(fleet, events)
  assert.equal(resultOf({ state: first }), 'rolled_back')
  assert.deepEqual([moved(events), putBack(events)], [['c'], ['c']])
  for (let again = 0; again < 3; again += 1) {
    events.push({ type: 'resumed', atUnixMs: fleet.nowMs(), by: 'ada', why: 'once more' })
    assert.equal(resultOf({ state: await go(fleet, events) }), 'rolled_back')
  }
  assert.deepEqual([moved(events), putBack(events)], [['c'], ['c']])
  assert.equal(fleet.release('c'), 'old')
})
