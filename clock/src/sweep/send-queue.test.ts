import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendQueue } from './send-queue.ts'

function items(count: number, spacingMs = 100): { target: { spacingMs: number } }[] {
  return Array.from({ length: count }, () => ({ target: { spacingMs } }))
}

test('not more leave in a second than allowed, and never many at once', () => {
  const queue = sendQueue(items(10_000), 1_000)
  const counts = Array.from({ length: 1_001 }, (_, ms) => queue.take(ms).length)
  const total = counts.reduce((sum, count) => sum + count, 0)
  assert.ok(total >= 999 && total <= 1_001, `${total}`)
  assert.ok(Math.max(...counts) <= 2)
})

test('time that was lost is not made up in one burst', () => {
  const queue = sendQueue(items(1_000), 1_000)
  queue.take(0)
  assert.equal(queue.take(10_000).length, 16)
})

test('an item is not taken before its time, and others are not held up by it', () => {
  const [late, slow] = [...items(1, 100), ...items(1, 2_000)]
  assert.ok(late && slow)
  const queue = sendQueue<typeof late>([], 1_000)
  queue.add(slow, 2_000)
  queue.add(late, 100)
  assert.deepEqual(queue.take(99), [])
  assert.deepEqual(queue.take(100), [late])
  assert.equal(queue.isEmpty(), false)
  assert.deepEqual(queue.take(2_000), [slow])
  assert.equal(queue.isEmpty(), true)
})

test('ten thousand items keep their order', () => {
  const all = items(10_000)
  const queue = sendQueue(all, 1e9)
  const taken = Array.from({ length: 1_000 }, (_, ms) => queue.take(ms)).flat()
  assert.deepEqual(taken, all)
})
