import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replay } from '../../core/rollout/evolve.ts'
import type { RolloutEvent, RolloutResult } from '../../core/rollout/event.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { exitOf, leftBehind } from './exit-of.ts'

function exitAfter(
  events: readonly RolloutEvent[],
  isInterrupted = false,
  first: RolloutEvent = started,
): number {
  const state = replay([first, ...events])
  assert.ok(state !== null)
  return exitOf(state, { isInterrupted })
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
  const missed: RolloutEvent = { ...started, unreachable: ['pi-3'] }
  assert.equal(exitAfter([...bothHealthy, ended('done')], false, missed), 3)
  assert.equal(exitAfter([...bothHealthy.slice(1), everyEvent['not-moved'], ended('done')]), 3)
  const state = replay([missed, ...bothHealthy.slice(1), everyEvent['not-moved'], ended('done')])
  assert.ok(state !== null)
  assert.deepEqual(leftBehind(state), ['pi-3', 'pi-1'])
})

test('a device that failed below the limits and was put back is not 0 either', () => {
  const [first] = bothHealthy
  assert.ok(first !== undefined)
  const back: RolloutEvent = { ...everyEvent.verified, device: 'pi-2' }
  assert.equal(exitAfter([first, back, ended('done')]), 3)
})

for (const result of ['rolled_back', 'aborted', 'needs_attention'] as const) {
  test(`a rollout that ended as ${result} is never 0 (deploy-rs 214)`, () => {
    assert.equal(exitAfter([...bothHealthy, ended(result)]), 5)
    assert.equal(exitAfter([...bothHealthy, ended(result)], true), 5)
  })
}

test('paused by itself is 5, by a signal 130', () => {
  assert.equal(exitAfter([everyEvent.paused]), 5)
  assert.equal(exitAfter([everyEvent.paused], true), 130)
  assert.equal(exitAfter([everyEvent['rolling-back']], true), 130)
})
