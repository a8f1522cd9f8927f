import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { settleLimits } from './learn.ts'

const settings = { min_healthy_time: 60_000, healthy_deadline: 1_800_000, interval: 1_000 }

test('twice the 95th percentile of what a device took', () => {
  const past = Array.from({ length: 20 }, (_, index) => 100 + index)
  assert.deepEqual(settleLimits(new Map([['pi', past.toReversed()]]), settings), { pi: 236_000 })
})

test('a fast device has time to be seen, and a slow one no more than all have', () => {
  const history = new Map([
    ['fast', [1, 1, 1]],
    ['slow', [5_000, 5_000, 5_000]],
  ])
  assert.deepEqual(settleLimits(history, settings), { fast: 120_000, slow: 1_800_000 })
})

test('nobody is given up before ten looks', () => {
  const quick = { ...settings, min_healthy_time: 0 }
  assert.deepEqual(settleLimits(new Map([['pi', [0, 0, 0]]]), quick), { pi: 10_000 })
})

test('two values, or what is no number, teach nothing', () => {
  const history = new Map([
    ['new', [100, 100]],
    ['odd', [Number.NaN, -1, Infinity, 100, 100]],
  ])
  assert.deepEqual(settleLimits(history, settings), {})
})

test('a limit is within bounds, and longer than nine of ten past values unless the deadline is not', () => {
  const values = fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), { minLength: 3 })
  fc.assert(
    fc.property(values, (past) => {
      const limit = settleLimits(new Map([['pi', past]]), settings)['pi'] ?? 0
      assert.ok(limit >= 120_000 && limit <= settings.healthy_deadline)
      const slower = past.filter((seconds) => seconds * 1000 > limit).length
      if (limit < settings.healthy_deadline) assert.ok(slower <= past.length / 10)
    }),
  )
})
