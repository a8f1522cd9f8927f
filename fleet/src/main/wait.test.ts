import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { wait } from './wait.ts'

test('a time that has passed is no time, and nothing is warned of', async () => {
  const over = new AbortController()
  const warned = once(process, 'warning', { signal: over.signal }).then(
    ([warning]) => warning,
    () => null,
  )
  await wait(-5, new AbortController().signal)
  await new Promise(setImmediate)
  over.abort()
  assert.equal(await warned, null)
})

test('the signal ends it, and one that has fired does not let it begin', async () => {
  const stop = new AbortController()
  const waited = wait(3_600_000, stop.signal)
  stop.abort()
  await waited
  await wait(3_600_000, stop.signal)
})
