import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateLimit } from './rate.ts'
import { anApi, as } from './test/parts.ts'

test('a bucket is emptied by a burst, and fills again with time', () => {
  const take = rateLimit({ burst: 3, perSecond: 0.5 })
  assert.deepEqual([take('a', 0), take('a', 0), take('a', 0), take('a', 0)], [null, null, null, 2])
  assert.equal(take('b', 0), null)
  assert.equal(take('a', 1_000), 1)
  assert.equal(take('a', 2_000), null)
  assert.equal(take('a', 2_000), 2)
  assert.deepEqual([take('a', 1e9), take('a', 1e9), take('a', 1e9), take('a', 1e9)].at(-1), 2)
})

test('of twenty thousand askers the newest are known', () => {
  const take = rateLimit({ burst: 1, perSecond: 1 })
  for (let asker = 0; asker < 20_000; asker += 1) take(`asker ${asker}`, 0)
  assert.equal(take('asker 19999', 0), 1)
  assert.equal(take('asker 0', 0), null)
})

async function statuses(
  headers: Record<string, string>,
  count: number,
): Promise<readonly number[]> {
  const api = anApi()
  const found: number[] = []
  for (let request = 0; request < count; request += 1) {
    const answer = await api.request('/openapi.json', { headers }, { remote: '10.0.0.1' })
    found.push(answer.status)
    if (answer.status === 429) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
  }
  return found
}

test('a thousand guesses are refused, most of them without a look', async () => {
  const found = await statuses({ ...as('nobody') }, 1_000)
  assert.ok(found.every((status) => status === 401 || status === 429))
  assert.ok(found.filter((status) => status === 401).length < 100)
})

test('who asks too often is told when to come again', async () => {
  const found = await statuses(as('viewer'), 400)
  assert.equal(found[0], 200)
  assert.ok(found.includes(429))
})
