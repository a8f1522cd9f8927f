import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabError } from './lab-error.ts'
import { withLabLock } from './lock.ts'
import { inPool } from './pool.ts'

// Not the real name: the machine's own lab may be busy.
const name = `timeball-lock-test-${process.pid}`

test('a second lab command is refused while the first one works, and runs after it', async () => {
  const impatient = { name, patienceMs: 0 }
  await withLabLock(impatient, async () => {
    await assert.rejects(
      withLabLock(impatient, async () => 'second'),
      LabError,
    )
  })
  assert.equal(await withLabLock(impatient, async () => 'third'), 'third')
})

test('a patient lab command waits for the one before it', async () => {
  const order: string[] = []
  const waiting = Promise.withResolvers<void>()
  const first = withLabLock({ name, patienceMs: 0 }, async () => {
    await waiting.promise
    order.push('first')
  })
  const second = withLabLock({ name, patienceMs: 60_000, onWait: waiting.resolve }, async () => {
    order.push('second')
  })
  await Promise.all([first, second])
  assert.deepEqual(order, ['first', 'second'])
})

test('a pool works on every item once, keeps the order and its limit', async () => {
  let running = 0
  let most = 0
  const results = await inPool(3, [5, 4, 3, 2, 1, 0], async (item) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((wake) => setImmediate(wake))
    running -= 1
    return item * 10
  })
  assert.deepEqual(results, [50, 40, 30, 20, 10, 0])
  assert.equal(most, 3)
})
