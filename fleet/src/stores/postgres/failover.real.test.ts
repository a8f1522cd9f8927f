/** Controllers and the server that die at work: nothing is lost, and nothing is there twice. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { openRolloutStore } from './rollout-store.ts'
import { startServer } from './test/server.ts'

const server = await startServer()
after(() => server.stop())
const program = fileURLToPath(import.meta.resolve('./test/appending-process.ts'))
const password = undefined
const other = { host: 'ops-2', pid: 1, processStart: 'b/2' }

test('kill -9 of the leader: the other one waits for its time, then goes on from its last word', async () => {
  const url = server.newState()
  const child = spawn(process.execPath, [program, url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let said = 0
  for await (const line of createInterface({ input: child.stdout })) {
    said = Number(line)
    if (said === 7) child.kill('SIGKILL')
  }
  await ended
  const store = await openRolloutStore({ url, password }, () => null)
  const wish = { owner: other, operation: 'rollout r-1', nowMs: Date.now(), epochFloor: 0 }
  const early = await store.acquire(wish)
  assert.ok(!early.ok && early.heldBy.owner.host === 'ops-1')
  const acquired = await store.acquire({ ...wish, nowMs: wish.nowMs + 30_000 })
  assert.ok(acquired.ok)
  assert.equal(acquired.lease.epoch, 2)
  const events = await store.events('r-1')
  // The last batch may have been kept without a word of it.
  assert.ok([1 + 2 * said, 3 + 2 * said].includes(events.length), `${events.length} after ${said}`)
  assert.equal(await store.append('r-1', [everyEvent.ended], acquired.lease), 'appended')
  const first = { owner: { ...other, host: 'ops-1' }, epoch: 1 }
  assert.equal(await store.append('r-1', [everyEvent.paused], first), 'fenced')
  assert.deepEqual(await store.unreadable('r-1'), [])
  await store.close()
})

test('of two controllers that come at once one gets the fleet', async () => {
  const url = server.newState()
  const stores = await Promise.all(
    Array.from({ length: 8 }, () => openRolloutStore({ url, password }, () => null)),
  )
  const acquired = await Promise.all(
    stores.map((store, pid) =>
      store.acquire({
        owner: { ...other, pid },
        operation: 'apply',
        nowMs: 0,
        epochFloor: 0,
      }),
    ),
  )
  assert.equal(acquired.filter(({ ok }) => ok).length, 1)
  for (const store of stores) await store.close()
})

test('a server that ends in mid-commit: what was said to be kept is kept, once', async () => {
  const url = server.newState()
  const store = await openRolloutStore({ url, password }, () => null)
  const acquired = await store.acquire({ owner: other, operation: 'x', nowMs: 0, epochFloor: 0 })
  assert.ok(acquired.ok)
  await store.append('r-1', [started], acquired.lease)
  let kept = 0
  let tried = 0
  let restarting: Promise<void> | null = null
  for (let batch = 0; batch < 60; batch += 1) {
    if (batch === 20) restarting = server.restart()
    tried += 1
    const outcome = await store
      .append('r-1', [everyEvent.paused, everyEvent.resumed], acquired.lease)
      .catch(() => 'lost')
    if (outcome === 'appended') kept += 1
    else await restarting
  }
  await restarting
  const events = await store.events('r-1')
  assert.equal(events.length % 2, 1)
  const found = (events.length - 1) / 2
  assert.ok(kept < tried && found >= kept && found <= tried, `${kept} <= ${found} <= ${tried}`)
  assert.ok(found - kept <= 1, 'at most the one that was on its way is kept without a word')
  assert.deepEqual(await store.unreadable('r-1'), [])
  await store.close()
})
