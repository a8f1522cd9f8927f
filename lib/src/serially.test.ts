import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serially } from './serially.ts'

test('each begins when the one before it has ended, also when that failed', async () => {
  const queue = serially()
  const first = Promise.withResolvers<void>()
  const seen: string[] = []
  const one = queue(async () => {
    seen.push('one begins')
    await first.promise
    seen.push('one ends')
    throw new Error('no')
  })
  const two = queue(() => {
    seen.push('two')
    return Promise.resolve(2)
  })
  await Promise.resolve()
  first.resolve()
  await assert.rejects(one, /no/)
  assert.equal(await two, 2)
  assert.deepEqual(seen, ['one begins', 'one ends', 'two'])
})
