import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askByItself, repairsIn, type Surroundings } from './by-itself.ts'
import type { RolloutEvent } from './event.ts'
import { evolve, replay } from './evolve.ts'
import type { RolloutState } from './state.ts'
import { everyEvent, started } from './test/events.ts'

const hour = 3_600_000
const endMs = started.atUnixMs + hour
const ended = { ...everyEvent.ended, atUnixMs: endMs }
const wishes = { promote_held_back: true, repair: true }

function stateAfter(events: readonly RolloutEvent[]): RolloutState {
  const [first, ...more] = events
  const state = first === undefined ? null : replay([first])
  assert.ok(state !== null)
  return evolve(state, more)
}

const heldBackPlan = {
  ...started,
  plan: {
    ...started.plan,
    waves: [
      { kind: 'canary', devices: ['pi-1'] },
      { kind: 'held-back', devices: ['pi-2'] },
    ],
  },
  settings: { ...started.settings, diversity: { keep_previous: 1, for: 24 * hour } },
} as const
const held = stateAfter([heldBackPlan, everyEvent.healthy, { ...ended, result: 'done' }])
const stuck = stateAfter([
  started,
  { ...everyEvent.stuck, device: 'pi-1' },
  { ...ended, result: 'needs_attention' },
])

function around(change: Partial<Surroundings> = {}): Surroundings {
  const reached = new Set(['pi-1', 'pi-2'])
  return { nowUnixMs: endMs + 25 * hour, freeze: null, reached, repairs: 0, wishes, ...change }
}

test('devices that were held back are promoted when their time is over, and not before', () => {
  assert.deepEqual(askByItself(held, around()), {
    action: 'promote',
    by: 'timeball',
    why: 'diversity.for is over',
  })
  assert.equal(askByItself(held, around({ nowUnixMs: endMs + 23 * hour })), null)
})

test('a device that needed attention is repaired when it is back', () => {
  assert.deepEqual(askByItself(stuck, around()), {
    action: 'resume',
    by: 'timeball',
    why: 'pi-1 is back',
  })
  assert.equal(askByItself(stuck, around({ reached: new Set(['pi-2']) })), null)
})

function due(repairs: number, minutes: number): boolean {
  return askByItself(stuck, around({ repairs, nowUnixMs: endMs + minutes * 60_000 })) !== null
}

test('a repair that did not help is tried again less and less often', () => {
  assert.deepEqual([due(0, 9), due(0, 10), due(1, 19), due(1, 20)], [false, true, false, true])
  assert.deepEqual([due(500, 24 * 60 - 1), due(500, 24 * 60)], [false, true])
})

for (const [name, state] of [
  ['held back', held],
  ['stuck', stuck],
] as const) {
  test(`in a freeze, and where it is switched off, nothing is asked: ${name}`, () => {
    assert.equal(askByItself(state, around({ freeze: 'freeze window' })), null)
    const off = { promote_held_back: false, repair: false }
    assert.equal(askByItself(state, around({ wishes: off })), null)
  })
}

test('what is not over, and what ended otherwise, is left alone', () => {
  for (const events of [
    [started],
    [started, everyEvent.paused],
    [started, { ...ended, result: 'done' }],
    [started, { ...ended, result: 'aborted' }],
    [started, { ...ended, result: 'rolled_back' }],
  ] as const) {
    assert.equal(askByItself(stateAfter(events), around()), null)
  }
})

test('only what a controller resumed counts as a repair', () => {
  const own = { ...everyEvent.resumed, by: 'timeball' }
  assert.equal(repairsIn([started, everyEvent.resumed, own, own]), 2)
})
