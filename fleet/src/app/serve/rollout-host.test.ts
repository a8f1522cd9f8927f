import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import type { RolloutEvent, RolloutRequest } from '../../core/rollout/event.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { hostRollouts, type RolloutHostParts } from './rollout-host.ts'

const { rollout } = started
const ada = { host: 'laptop', pid: 1, processStart: '' }
const ended = { ...everyEvent.ended, result: 'done' } as const
const going: RolloutEvent = { ...everyEvent['rolling-back'], isReleaseToBlame: false }

interface Seen {
  /** Events that came first, each time that it was taken up. */
  readonly takenUp: RolloutEvent[][]
  readonly obstacles: (string | null)[]
  readonly said: string[]
  readonly types: string[]
  readonly open: readonly string[]
}

interface Scene {
  readonly journal: readonly RolloutEvent[]
  readonly asked?: readonly RolloutRequest['action'][]
  readonly looks: number
  /** Of the store that the host has. */
  readonly change?: (store: RolloutStore) => RolloutStore
  readonly takeUp?: RolloutHostParts['takeUp']
  /** Another operation holds the fleet. */
  readonly isHeld?: boolean
}

/** Runs a host for so many looks, a second between them; what it takes up ends at once. */
async function hosted(scene: Scene): Promise<Seen> {
  const remembered = memoryRollouts()
  const outer = remembered.open(() => true)
  const wish = { owner: ada, operation: 'apply', epochFloor: 0, nowMs: 0 }
  const acquired = await outer.acquire(wish)
  assert.ok(acquired.ok)
  await outer.append(rollout, [started, ...scene.journal], acquired.lease)
  if (scene.isHeld !== true) await outer.release(acquired.lease)
  for (const action of scene.asked ?? []) {
    await outer.request(rollout, { action, by: 'ada', why: '' })
  }
  const [takenUp, obstacles, said]: [RolloutEvent[][], (string | null)[], string[]] = [[], [], []]
  const stop = new AbortController()
  let nowMs = started.atUnixMs + 60_000
  let looks = 0
  const parts: RolloutHostParts = {
    openStore: async () => (scene.change ?? ((same) => same))(remembered.open(() => true)),
    self: { host: 'ops-1', pid: 2, processStart: '' },
    by: 'timeball@ops-1',
    time: {
      nowMs: () => nowMs,
      wait: (ms, signal) => {
        if (ms > 1_000) {
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
        }
        nowMs += ms
        looks += 1
        if (looks === scene.looks) stop.abort()
        return Promise.resolve()
      },
    },
    async takeUp(next, hands) {
      takenUp.push([...next.because])
      if (scene.takeUp !== undefined) return await scene.takeUp(next, hands)
      await hands.store.append(rollout, [...next.because, ended], hands.lease.lease)
      return ok(null)
    },
    onObstacle: (_, why) => void obstacles.push(why?.kind ?? null),
    whenIdle: async () => {},
    log: (line) => void said.push(line),
  }
  await hostRollouts(parts, stop.signal)
  const types = (await outer.events(rollout)).map(({ type }) => type)
  return { takenUp, obstacles, said, types, open: await outer.requested() }
}

for (const [what, journal] of [
  ['ran', []],
  ['rolled back', [going]],
] as const) {
  test(`what ${what} when its process died is taken up, once`, async () => {
    const { takenUp, types } = await hosted({ journal, looks: 5 })
    assert.deepEqual(
      takenUp.map((events) => events.map((event) => 'by' in event && [event.type, event.by])),
      [[['resumed', 'timeball@ops-1']]],
    )
    assert.equal(types.at(-1), 'ended')
  })
}

for (const [what, event] of [
  ['a person paused', everyEvent.paused],
  ['awaits a promotion', { ...everyEvent.paused, awaits: 'promotion' }],
  ['is over', ended],
] as const) {
  test(`what ${what} stays as it is`, async () => {
    const { takenUp, types } = await hosted({ journal: [event], looks: 5 })
    assert.deepEqual([takenUp, types], [[], ['started', event.type]])
  })
}

test('while another operation has the fleet, nothing is taken up', async () => {
  const { takenUp } = await hosted({ journal: [], looks: 5, isHeld: true })
  assert.deepEqual(takenUp, [])
})

test('what was asked is done, and comes first in the journal', async () => {
  const { takenUp, types, open } = await hosted({
    journal: [everyEvent.paused],
    asked: ['resume'],
    looks: 3,
  })
  assert.deepEqual(
    takenUp.map((events) => events.map((event) => 'by' in event && [event.type, event.by])),
    [[['resumed', 'ada']]],
  )
  assert.deepEqual(types, ['started', 'paused', 'resumed', 'ended'])
  assert.deepEqual(open, [])
})

test('a pause that was asked of a process that died is kept, and nothing is taken up', async () => {
  const { takenUp, types, open } = await hosted({ journal: [], asked: ['pause'], looks: 4 })
  assert.deepEqual([takenUp, types, open], [[], ['started', 'paused'], []])
})

test('what was asked and does not fit is forgotten', async () => {
  const { types, open } = await hosted({ journal: [ended], asked: ['abort', 'pause'], looks: 3 })
  assert.deepEqual([types, open], [['started', 'ended'], []])
})

const changed: RolloutHostParts['takeUp'] = async () => fail({ kind: 'changed', devices: ['pi-1'] })

test('what cannot go on is told, tried again later, and what was asked is not done then', async () => {
  const asked = { journal: [everyEvent.paused], asked: ['resume'], takeUp: changed } as const
  const once = await hosted({ ...asked, looks: 70 })
  assert.deepEqual(
    [once.obstacles, once.types, once.open],
    [['changed'], ['started', 'paused'], []],
  )
  const again = await hosted({ journal: [], takeUp: changed, looks: 70 })
  assert.deepEqual(again.obstacles, ['changed', 'changed', 'changed'])
})

function broken(store: RolloutStore): RolloutStore {
  return { ...store, unreadable: async () => [{ sequence: 2, why: 'is missing' }] }
}

test('a journal with broken events does not go forward', async () => {
  const { takenUp, obstacles } = await hosted({ journal: [], looks: 5, change: broken })
  assert.deepEqual([takenUp, obstacles], [[], ['broken-journal']])
})

test('a disk that fails is told once, and what was asked meanwhile is done after it', async () => {
  let failures = 3
  const change = (store: RolloutStore): RolloutStore => ({
    ...store,
    async append(...all) {
      failures -= 1
      if (failures >= 0) throw new Error('disk full')
      return await store.append(...all)
    },
  })
  const { said, types } = await hosted({ journal: [], asked: ['pause'], looks: 10, change })
  assert.deepEqual([said, types], [['rollouts do not go on: disk full'], ['started', 'paused']])
})
