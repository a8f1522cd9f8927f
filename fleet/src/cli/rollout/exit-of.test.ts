import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutEvent, RolloutResult } from '../../core/rollout/event.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { exitOf } from './exit-of.ts'

function exitAfter(events: readonly RolloutEvent[], missed = 0, isInterrupted = false): number {
  const state = replay([started, ...events])
  assert.ok(state !== null)
  return exitOf(state, { isInterrupted, missed })
}

function ended(result: RolloutResult): RolloutEvent {
  return { ...everyEvent.ended, result }
}

const bothHealthy: readonly RolloutEvent[] = [
  { ...everyEvent.healthy, device: 'pi-1' },
  { ...everyEvent.healthy, device: 'pi-2' },
]

test('0 is for a rollout that reached all its devices only', () => {
  assert.equal(exitAfter([...bothHealthy, ended('done')]), 0)
  assert.equal(exitAfter([...bothHealthy, ended('done')], 1), 3)
  assert.equal(exitAfter([...bothHealthy.slice(1), everyEvent['not-moved'], ended('done')]), 3)
})

for (const result of ['rolled_back', 'aborted', 'needs_attention'] as const) {
  test(`a rollout that ended as ${result} is never 0 (deploy-rs 214)`, () => {
    assert.equal(exitAfter([...bothHealthy, ended(result)]), 5)
    assert.equal(exitAfter([...bothHealthy, ended(result)], 0, true), 5)
  })
}

test('paused by itself is 5, by a signal 130', () => {
  assert.equal(exitAfter([everyEvent.paused]), 5)
  assert.equal(exitAfter([everyEvent.paused], 0, true), 130)
  assert.equal(exitAfter([everyEvent['going-back']], 0, true), 130)
})
