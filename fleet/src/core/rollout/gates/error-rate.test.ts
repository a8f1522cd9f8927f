import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorRate } from './error-rate.ts'

test('the window with the most errors a minute counts', () => {
  const young = { seconds: 300, lines: 40, errors: 22 }
  assert.equal(errorRate([young, { seconds: 60, lines: 40, errors: 22 }]), 22)
  assert.equal(errorRate([young]), 4.4)
})

test('a log that was cut tells no rate', () => {
  assert.equal(errorRate([{ seconds: 300, lines: 10_000, errors: 5 }]), null)
  assert.equal(errorRate([]), null)
})
