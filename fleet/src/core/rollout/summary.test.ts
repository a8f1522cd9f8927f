import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { replay } from './evolve.ts'
import type { RolloutEvent } from './event.ts'
import type { RolloutState } from './state.ts'
import { statusAfter, type SummaryStatus } from './summary.ts'
import { everyEvent, started } from './test/events.ts'

const results = ['done', 'rolled_back', 'aborted', 'needs_attention'] as const

const event: fc.Arbitrary<RolloutEvent> = fc.oneof(
  fc.constantFrom(...Object.values(everyEvent).filter(({ type }) => type !== 'started')),
  fc.constantFrom('rolling-back', 'paused', 'resumed', 'promoted').map((type) => everyEvent[type]),
  fc.constantFrom(...results).map((result) => ({ ...everyEvent.ended, result })),
)

function statusOf({ status }: RolloutState): SummaryStatus {
  return status.kind === 'ended' ? status.result : status.kind
}

test('the status in the list is that of the state machine, after any journal', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const state = replay([started, ...events])
      assert.ok(state !== null)
      const summary = events.reduce<SummaryStatus>(statusAfter, 'running')
      assert.equal(summary, statusOf(state))
    }),
  )
})
