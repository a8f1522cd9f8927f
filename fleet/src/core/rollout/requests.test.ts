import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replay } from './evolve.ts'
import { rolloutActions, type RolloutEvent } from './event.ts'
import { answerRequest } from './requests.ts'
import type { RolloutState } from './state.ts'
import { everyEvent, started } from './test/events.ts'

function after(...events: readonly RolloutEvent[]): RolloutState {
  const state = replay([started, ...events])
  assert.ok(state !== null)
  return state
}

const { paused, ended } = everyEvent
const over = (result: 'done' | 'rolled_back' | 'aborted' | 'needs_attention'): RolloutState =>
  after({ ...ended, result })

const states = {
  running: after(),
  paused: after(paused),
  'rolling back': after(everyEvent['rolling-back']),
  done: over('done'),
  'rolled back': over('rolled_back'),
  aborted: over('aborted'),
  'needs attention': over('needs_attention'),
}

/** What may be asked of one that nobody runs. */
const possible: Readonly<Record<keyof typeof states, readonly string[]>> = {
  running: ['pause', 'resume', 'promote', 'abort', 'rollback'],
  paused: ['resume', 'promote', 'abort', 'rollback'],
  'rolling back': ['resume', 'rollback'],
  done: ['rollback'],
  'rolled back': [],
  aborted: ['rollback'],
  'needs attention': ['resume', 'rollback'],
}

function asked(state: RolloutState, isRun: boolean): readonly string[] {
  return rolloutActions.filter(
    (action) => answerRequest({ action, by: 'ada', why: '' }, state, { isRun, atUnixMs: 1 }).ok,
  )
}

for (const [name, state] of Object.entries(states)) {
  const wanted = Object.entries(possible).find(([key]) => key === name)?.[1] ?? []
  test(`what may be asked of a rollout that is ${name}: ${wanted.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(asked(state, false), wanted)
    const byRequest = wanted.filter((action) => action !== 'resume')
    assert.deepEqual(asked(state, true), byRequest)
  })
}

test('why not is always said', () => {
  for (const state of Object.values(states)) {
    for (const action of rolloutActions) {
      const request = { action, by: 'ada', why: '' }
      const answer = answerRequest(request, state, { isRun: true, atUnixMs: 1 })
      if (!answer.ok) assert.match(answer.failure, /^(it|only) /)
    }
  }
})

test('one that is over with devices held back can be promoted', () => {
  const held = {
    ...started,
    plan: { ...started.plan, waves: [{ kind: 'held-back', devices: ['pi-1'] }] },
  } as const
  const state = replay([held, { ...ended, result: 'done' }])
  assert.ok(state !== null)
  assert.ok(asked(state, false).includes('promote'))
})

function whyOf(why: string): string {
  const request = { action: 'abort', by: 'ada@ops-1', why } as const
  const answer = answerRequest(request, after(), { isRun: true, atUnixMs: 1 })
  assert.ok(answer.ok && answer.value.type === 'rolling-back')
  return answer.value.why
}

test('the reason of an operator is told when there is one, and nothing when there is none', () => {
  assert.equal(whyOf(''), 'abort by ada@ops-1')
  assert.equal(whyOf('bad idea'), 'abort by ada@ops-1: bad idea')
})
