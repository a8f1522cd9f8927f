import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetOf } from '../../../test/make-fleet.ts'
import { quietOutside } from '../../../test/outside.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { asksByItself } from './ask-by-itself.ts'
import type { LiveFleet } from './live-fleet.ts'

const hour = 3_600_000
const endMs = started.atUnixMs + hour
const stuck = [
  started,
  { ...everyEvent.stuck, device: 'pi-1' },
  { ...everyEvent.ended, atUnixMs: endMs, result: 'needs_attention' },
] as const

function liveOf(settings: string): LiveFleet {
  const edition = { fleet: fleetOf(undefined, settings), outside: quietOutside({}) }
  return {
    fleet: () => edition.fleet,
    use: (work) => work(edition),
    isStale: () => false,
    refresh: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

const reached = (): ReadonlySet<string> => new Set(['pi-1'])

/** What is asked at each of these times, in hours after the end. */
async function askedAt(
  hours: readonly number[],
  events: readonly RolloutEvent[],
  settings = '',
): Promise<string[][]> {
  const store = memoryRollouts().open(() => true)
  const owner = { host: 'ops-1', pid: 1, processStart: '' }
  const acquired = await store.acquire({ owner, operation: 'test', epochFloor: 0, nowMs: 0 })
  assert.ok(acquired.ok)
  await store.append(started.rollout, events, acquired.lease)
  let nowMs = endMs
  const live = liveOf(settings)
  const ask = asksByItself({ live, reached, nowUnixMs: () => nowMs })
  const all: string[][] = []
  for (const after of hours) {
    nowMs = endMs + after * hour
    await ask(store)
    const asked = await store.takeRequests(started.rollout)
    all.push(asked.map(({ action, why }) => `${action}: ${why}`))
  }
  return all
}

test('a device that is back is repaired, and what did not come of it is asked again an hour later', async () => {
  assert.deepEqual(await askedAt([0, 1, 1.5, 2], stuck), [
    [],
    ['resume: pi-1 is back'],
    [],
    ['resume: pi-1 is back'],
  ])
})

test('nothing is asked where the files of the fleet switch it off', async () => {
  assert.deepEqual(await askedAt([1], stuck, 'controller: { repair: false }\n'), [[]])
})

test('nothing is asked in a freeze window', async () => {
  const always = `rollout: { freeze: { windows: ["Mon 00:00 - Sun 23:59 UTC", "Sun 12:00 - Mon 12:00 UTC"] } }\n`
  assert.deepEqual(await askedAt([1], stuck, always), [[]])
})

test('nothing is asked of a rollout that is not over', async () => {
  assert.deepEqual(await askedAt([1], stuck.slice(0, 2)), [[]])
})
