/** What is asked of rollouts over the API, and who may. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { mostBodyBytes } from './policy.ts'
import { anApi, as, nowUnixMs } from './test/parts.ts'

const told = z.looseObject({ code: z.string(), detail: z.string() })
const path = '/rollouts/r-1/requests'

/** A rollout on its way, which a process of another machine runs; or `nobody`. */
async function withRollout(runBy: 'somebody' | 'nobody') {
  const rollouts = memoryRollouts().open(() => true)
  const owner = { host: 'ops-1', pid: 1, processStart: '1' }
  const wish = { owner, operation: 'rollout r-1', nowMs: nowUnixMs, epochFloor: 0 }
  const acquired = await rollouts.acquire(wish)
  assert.ok(acquired.ok)
  await rollouts.append('r-1', [started, everyEvent['move-intended']], acquired.lease)
  if (runBy === 'nobody') await rollouts.release(acquired.lease)
  return { rollouts, api: anApi({ rollouts }), lease: acquired.lease }
}

type Api = ReturnType<typeof anApi>

function ask(api: Api, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const own = { ...as('operator'), 'content-type': 'application/json', ...headers }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return Promise.resolve(api.request(path, { method: 'POST', headers: own, body: text }))
}

async function codeOf(answer: Response): Promise<string> {
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  return told.parse(await answer.json()).code
}

test('whoever runs the rollout is asked, in the name of the token, and told where to look', async () => {
  const { api, rollouts } = await withRollout('somebody')
  const answer = await ask(api, { action: 'pause', why: 'lunch' })
  assert.equal(answer.status, 202)
  assert.equal(answer.headers.get('location'), '/api/v1/rollouts/r-1')
  const body = z.looseObject({ run_by: z.string() }).parse(await answer.json())
  assert.match(body.run_by, /ops-1/)
  assert.deepEqual(await rollouts.takeRequests('r-1'), [
    { action: 'pause', by: 'the operator', why: 'lunch' },
  ])
})

test('what nobody runs is left to the controller', async () => {
  const { api, rollouts } = await withRollout('nobody')
  const answer = await ask(api, { action: 'resume' })
  assert.equal(answer.status, 202)
  assert.equal(z.looseObject({ run_by: z.null() }).parse(await answer.json()).run_by, null)
  assert.deepEqual(await rollouts.requested(), ['r-1'])
})

test('a viewer may not, and nothing is asked', async () => {
  const { api, rollouts } = await withRollout('somebody')
  const answer = await ask(api, { action: 'pause' }, as('viewer'))
  assert.equal(await codeOf(answer), 'role')
  assert.deepEqual(await rollouts.requested(), [])
})

test('what the state of the rollout does not allow is said as it says it', async () => {
  const { api, rollouts } = await withRollout('somebody')
  const answer = await ask(api, { action: 'resume' })
  assert.equal(answer.status, 409)
  const { detail } = told.parse(await answer.json())
  assert.equal(detail, 'there is nothing to resume: it is in progress already')
  assert.deepEqual(await rollouts.requested(), [])
})

test('one that moved since it was seen is not asked', async () => {
  const { api, rollouts, lease } = await withRollout('somebody')
  const seen = await api.request('/rollouts/r-1', { headers: as('viewer') })
  const etag = seen.headers.get('etag') ?? ''
  assert.equal((await ask(api, { action: 'pause' }, { 'if-match': etag })).status, 202)
  await rollouts.append('r-1', [everyEvent.served], lease)
  const late = await ask(api, { action: 'pause' }, { 'if-match': etag })
  assert.equal(await codeOf(late), 'moved')
})

test('a request that comes again is asked once; its key is for no other', async () => {
  const { api, rollouts } = await withRollout('somebody')
  const key = { 'idempotency-key': 'k-1' }
  const first = await ask(api, { action: 'pause' }, key)
  const again = await ask(api, { action: 'pause' }, key)
  assert.deepEqual(await again.json(), await first.json())
  assert.equal((await rollouts.takeRequests('r-1')).length, 1)
  assert.equal(await codeOf(await ask(api, { action: 'abort' }, key)), 'idempotency-key')
})

for (const [what, body, status] of [
  ['no JSON', '{"action":', 400],
  ['another action', { action: 'explode' }, 400],
  ['a key too much', { action: 'pause', force: true }, 400],
  ['a reason without end', { action: 'pause', why: 'x'.repeat(501) }, 400],
  ['a body without end', 'x'.repeat(mostBodyBytes + 1), 413],
] as const) {
  test(`${what} is refused, and nothing is asked`, async () => {
    const { api, rollouts } = await withRollout('somebody')
    const answer = await ask(api, body)
    assert.equal(answer.status, status)
    await codeOf(answer)
    assert.deepEqual(await rollouts.requested(), [])
  })
}

test('a rollout that is not there is not asked', async () => {
  assert.equal(await codeOf(await ask(anApi(), { action: 'pause' })), 'not-found')
})
