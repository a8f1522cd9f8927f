import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mapBounded } from './pool.ts'

const never = new AbortController().signal

/** Work whose end the test decides. */
function manual(): {
  readonly started: number[]
  readonly finish: (item: number) => void
  readonly work: (item: number, signal: AbortSignal) => Promise<string>
} {
  const started: number[] = []
  const pending = new Map<number, PromiseWithResolvers<string>>()
  return {
    started,
    finish: (item) => pending.get(item)?.resolve(`done ${item}`),
    work(item, signal) {
      started.push(item)
      const end = Promise.withResolvers<string>()
      pending.set(item, end)
      signal.addEventListener('abort', () => end.resolve(`stopped ${item}`))
      return end.promise
    },
  }
}

test('results come in the order of completion, and one that hangs holds up nothing', async () => {
  const { finish, work } = manual()
  const results = mapBounded([1, 2, 3], { limit: 2, signal: never }, work)
  const first = results.next()
  finish(2)
  assert.deepEqual((await first).value, { item: 2, value: 'done 2' })
  finish(3)
  assert.deepEqual((await results.next()).value, { item: 3, value: 'done 3' })
  finish(1)
  assert.deepEqual((await results.next()).value, { item: 1, value: 'done 1' })
  assert.equal((await results.next()).done, true)
})

test('work goes on while the consumer is busy with a result', async () => {
  const { started, finish, work } = manual()
  const results = mapBounded([1, 2, 3], { limit: 1, signal: never }, work)
  const first = results.next()
  finish(1)
  await first
  await new Promise(setImmediate)
  finish(2)
  await new Promise(setImmediate)
  assert.deepEqual(started, [1, 2, 3])
  finish(3)
  assert.deepEqual((await Array.fromAsync(results)).length, 2)
})

test('an abort starts nothing more and tells what runs', async () => {
  const { started, work } = manual()
  const stop = new AbortController()
  const results = mapBounded([1, 2, 3], { limit: 2, signal: stop.signal }, work)
  const first = results.next()
  stop.abort()
  assert.deepEqual((await first).value, { item: 1, value: 'stopped 1' })
  assert.deepEqual(await Array.fromAsync(results), [{ item: 2, value: 'stopped 2' }])
  assert.deepEqual(started, [1, 2])
})

test('a consumer that stops early stops the work', async () => {
  const { started, finish, work } = manual()
  const results = mapBounded([1, 2, 3, 4], { limit: 2, signal: never }, work)
  const first = results.next()
  finish(1)
  await first
  await results.return()
  assert.ok(!started.includes(4))
})

test('a bug in the work surfaces after the others have ended', async () => {
  const stopped: number[] = []
  const results = mapBounded([1, 2], { limit: 2, signal: never }, async (item, signal) => {
    if (item === 1) throw new Error('bug')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    stopped.push(item)
  })
  await assert.rejects(Array.fromAsync(results), /bug/u)
  assert.deepEqual(stopped, [2])
})

test('every item is done once and the limit is kept, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { maxLength: 30 }),
      fc.integer({ min: -1, max: 8 }),
      fc.scheduler(),
      async (items, limit, scheduler) => {
        let running = 0
        let most = 0
        const results = mapBounded(items, { limit, signal: never }, async (item) => {
          running++
          most = Math.max(most, running)
          await scheduler.schedule(Promise.resolve())
          running--
          return item
        })
        const done = await scheduler.waitFor(Array.fromAsync(results))
        assert.deepEqual(
          done.map(({ value }) => value).toSorted((a, b) => a - b),
          items.toSorted((a, b) => a - b),
        )
        assert.ok(most <= Math.max(1, limit))
      },
    ),
  )
})
