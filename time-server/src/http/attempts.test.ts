import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempts } from './attempts.ts'

test('some failures are let pass, then a client has to wait, and others do not', () => {
  const failures = attempts({ burst: 3, perMinute: 60, maxClients: 10 })
  for (let count = 0; count < 3; count += 1) {
    assert.equal(failures.waitSeconds('a', 0), 0)
    failures.fail('a', 0)
  }
  assert.equal(failures.waitSeconds('a', 0), 1)
  assert.equal(failures.waitSeconds('b', 0), 0)
  assert.equal(failures.waitSeconds('a', 1000), 0)
  failures.fail('a', 1000)
  assert.equal(failures.waitSeconds('a', 1000), 1)
  assert.equal(failures.waitSeconds('a', 60_000), 0)
})

test('only so many clients are remembered', () => {
  const failures = attempts({ burst: 1, perMinute: 1, maxClients: 2 })
  for (const client of ['a', 'b', 'a', 'c']) failures.fail(client, 0)
  assert.deepEqual(
    ['a', 'b', 'c'].map((client) => failures.waitSeconds(client, 0) > 0),
    [true, false, true],
  )
})
