import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventHub, type EventHub } from './event-hub.ts'

/** So many, as they come. */
async function read(
  hub: EventHub,
  count: number,
  lastId: string | null = null,
): Promise<readonly string[]> {
  const seen: string[] = []
  if (count === 0) return seen
  for await (const { id, kind, data } of hub.follow(lastId, new AbortController().signal)) {
    seen.push(`${id} ${kind} ${data}`)
    if (seen.length === count) break
  }
  return seen
}

test('a reader gets what comes after it came, in order', async () => {
  const hub = eventHub('b')
  hub.publish('sweep', 1)
  const reading = read(hub, 2)
  hub.publish('sweep', 2)
  hub.publish('rollout', { x: 1 })
  assert.deepEqual(await reading, ['b-2 sweep 2', 'b-3 rollout {"x":1}'])
})

test('a reader that comes again goes on behind the last that it read', async () => {
  const hub = eventHub('b')
  for (const each of [1, 2, 3]) hub.publish('sweep', each)
  assert.deepEqual(await read(hub, 2, 'b-1'), ['b-2 sweep 2', 'b-3 sweep 3'])
})

for (const lastId of ['a-1', 'b-4', 'b-x', '', 'b', 'b--1', 'b-1e0']) {
  test(`"${lastId}" is no event of this process: the reader is told to look anew`, async () => {
    const hub = eventHub('b')
    for (const each of [1, 2, 3]) hub.publish('sweep', each)
    assert.deepEqual(await read(hub, 1, lastId), ['b-3 resync {}'])
  })
}

test('a slow reader is told that it missed something, and goes on with what comes', async () => {
  const hub = eventHub('b', 2)
  hub.publish('sweep', 1)
  const reader = hub.follow('b-0', new AbortController().signal)[Symbol.asyncIterator]()
  const seen = [await reader.next()]
  // More than is kept, before it reads on.
  for (const each of [2, 3, 4, 5]) hub.publish('sweep', each)
  seen.push(await reader.next())
  hub.publish('sweep', 6)
  seen.push(await reader.next())
  assert.deepEqual(
    seen.map(({ value }) => `${value?.id} ${value?.kind}`),
    ['b-1 sweep', 'b-5 resync', 'b-6 sweep'],
  )
})

test('readers end with their own signal, and all of them with the hub', async () => {
  const hub = eventHub('b')
  const one = new AbortController()
  const ended = Promise.all(
    [one.signal, new AbortController().signal].map(async (signal) => {
      for await (const event of hub.follow(null, signal)) assert.fail(event.id)
    }),
  )
  one.abort()
  hub.close()
  await ended
})
