/** Clocks, rollouts and events, over the stores that a controller has. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { eventHub } from '../../app/serve/event-hub.ts'
import type { Caller } from '../../app/serve/caller.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import { memoryRollouts } from '../../stores/memory/rollout-store.ts'
import { openSeriesStore } from '../../stores/sqlite/series-store.ts'
import { mostReaders } from './events.ts'
import { anApi, as, nowUnixMs } from './test/parts.ts'

const page = z.object({ items: z.array(z.looseObject({})), next: z.string().nullable() })
const points = z.object({
  step: z.string(),
  items: z.array(z.looseObject({})),
  is_whole: z.boolean(),
})
const told = z.looseObject({ code: z.string(), detail: z.string() })

type Api = ReturnType<typeof anApi>

async function ask<T>(api: Api, path: string, schema: z.ZodType<T>): Promise<T> {
  const answer = await api.request(path, { headers: as('viewer') })
  return schema.parse(await answer.json())
}

async function withRollout(): Promise<Api> {
  const rollouts = memoryRollouts().open(() => true)
  const owner = { host: 'ops-1', pid: 1, processStart: '1' }
  const wish = { owner, operation: 'rollout r-1', nowMs: nowUnixMs, epochFloor: 0 }
  const acquired = await rollouts.acquire(wish)
  assert.ok(acquired.ok)
  const { served } = everyEvent
  await rollouts.append('r-1', [started, everyEvent['move-intended'], served], acquired.lease)
  return anApi({ rollouts })
}

test('clocks are those of the newest sweep, by name', async () => {
  const { items, next } = await ask(anApi(), '/clocks?limit=2', page)
  assert.deepEqual(
    items.map(({ device, verdict }) => [device, verdict]),
    [
      ['pi-gps-01', 'truechimer'],
      ['pi-gps-02', 'truechimer'],
    ],
  )
  assert.equal(next, 'pi-gps-02')
})

test('the history of a clock is read by steps, and whether it is whole is said', async () => {
  const series = await openSeriesStore(':memory:')
  for (let minute = 0; minute < 5; minute += 1) {
    await series.append([
      {
        server: 'pi-gps-01',
        atUnixMs: nowUnixMs - minute * 60_000,
        verdict: 'truechimer',
        offsetSeconds: minute / 1000,
        errorSeconds: 0.001,
        delaySeconds: null,
        stratum: 1,
        rootDispersionSeconds: null,
        referenceAgeSeconds: null,
        kiss: null,
      },
    ])
  }
  const api = anApi({ series })
  const whole = await ask(api, '/clocks/pi-gps-01/samples', points)
  assert.deepEqual([whole.step, whole.items.length, whole.is_whole], ['minute', 5, true])
  const some = await ask(api, '/clocks/pi-gps-01/samples?step=raw&limit=2', points)
  assert.deepEqual(
    some.items.map(({ offset_seconds: offset }) => offset),
    [0.001, 0],
  )
  assert.equal(some.is_whole, false)
  const none = await ask(api, '/clocks/nobody/samples', told)
  assert.equal(none.code, 'not-found')
  await series.close()
})

test('a rollout is told as `rollout status --json` tells it, with a tag of its journal', async () => {
  const api = await withRollout()
  const { items } = await ask(api, '/rollouts', page)
  assert.deepEqual(
    items.map(({ rollout }) => rollout),
    ['r-1'],
  )
  const answer = await api.request('/rollouts/r-1', { headers: as('viewer') })
  assert.equal(answer.headers.get('etag'), '"3"')
  const { status, run_by: by } = z.looseObject({}).parse(await answer.json())
  assert.equal(status, 'running')
  assert.match(String(by), /ops-1/)
})

test('a journal is read on from a place in it', async () => {
  const api = await withRollout()
  const first = await ask(api, '/rollouts/r-1/events?limit=2', page)
  assert.deepEqual(
    first.items.map(({ event }) => event),
    ['started', 'move-intended'],
  )
  const second = await ask(api, `/rollouts/r-1/events?after=${String(first.next)}`, page)
  assert.deepEqual([second.items.map(({ event }) => event), second.next], [['served'], null])
  const past = await ask(api, '/rollouts/r-1/events?after=9', page)
  assert.deepEqual(past, { items: [], next: null })
})

for (const path of ['/rollouts/r-2', '/rollouts/r-2/events', '/rollouts/r-1/events?after=x']) {
  test(`${path} is refused`, async () => {
    const { code } = await ask(await withRollout(), path, told)
    assert.equal(code, path.endsWith('x') ? 'invalid' : 'not-found')
  })
}

/** Of a stream, until it has said so many events. */
async function readEvents(answer: Response, count: number): Promise<string> {
  assert.equal(answer.status, 200)
  assert.ok(answer.body !== null)
  let text = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.split('\nevent: ').length > count) break
  }
  return text
}

test('events are streamed, and a reader that comes again goes on where it was', async () => {
  const events = eventHub('b')
  const api = anApi({ events })
  const reading = await api.request('/events', { headers: as('viewer') })
  assert.equal(reading.headers.get('content-type'), 'text/event-stream')
  events.publish('sweep', { good: 4 })
  events.publish('rollout', { event: 'ended' })
  assert.equal(
    await readEvents(reading, 2),
    'retry: 3000\n\nid: b-1\nevent: sweep\ndata: {"good":4}\n\nid: b-2\nevent: rollout\ndata: {"event":"ended"}\n\n',
  )
  const headers = { ...as('viewer'), 'last-event-id': 'b-1' }
  assert.match(await readEvents(await api.request('/events', { headers }), 1), /id: b-2\n/)
  const strange = { ...as('viewer'), 'last-event-id': 'x-1' }
  const missed = await api.request('/events', { headers: strange })
  assert.match(await readEvents(missed, 1), /event: resync\n/)
})

test('a stream ends when its token is revoked', async () => {
  const events = eventHub('b')
  let isValid = true
  const isStill = (caller: Caller): Promise<boolean> =>
    Promise.resolve(isValid && caller.name === 'the viewer')
  const answer = await anApi({ events, isStill }).request('/events', { headers: as('viewer') })
  isValid = false
  events.publish('sweep', 1)
  assert.equal(await answer.text(), 'retry: 3000\n\n')
})

test('readers that are too many are refused, and each that goes leaves its place', async () => {
  const api = anApi()
  const from = (remote: string): Promise<Response> =>
    Promise.resolve(api.request('/events', { headers: as('viewer') }, { remote }))
  const own = await Promise.all(Array.from({ length: mostReaders.each }, () => from('10.0.0.1')))
  assert.equal((await from('10.0.0.1')).status, 503)
  const others = await Promise.all(Array.from({ length: 32 }, () => from('10.0.0.2')))
  const full = await from('10.0.0.3')
  assert.equal(full.status, 503)
  assert.equal(told.parse(await full.json()).code, 'readers')
  await others[0]?.body?.cancel()
  const again = await from('10.0.0.3')
  assert.equal(again.status, 200)
  for (const answer of [...own, ...others.slice(1), again]) await answer.body?.cancel()
})
