/** What the API tells, and how it refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail } from '@timeball/lib/result.ts'
import { aView } from '../../core/controller/test/a-view.ts'
import type { apiApp } from './api-app.ts'
import { anApi, as } from './test/parts.ts'

async function ask(path: string, api: ReturnType<typeof apiApp> = anApi()): Promise<unknown> {
  const answer = await api.request(path, { headers: as('viewer') })
  return await answer.json()
}

function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const name of path) {
    assert.ok(typeof found === 'object' && found !== null, `${path.join('.')}: ${String(found)}`)
    found = Reflect.get(found, name)
  }
  return found
}

function namesOf(page: unknown): unknown {
  const items = field(page, 'items')
  assert.ok(Array.isArray(items))
  return items.map((each) => field(each, 'device'))
}

test('the fleet is told as `status --json` tells it', async () => {
  const fleet = await ask('/fleet')
  assert.equal(field(fleet, 'type'), 'fleet_status')
  assert.equal(field(fleet, 'devices'), 4)
  assert.equal(field(fleet, 'good'), 4)
  assert.equal(field(fleet, 'quorum', 0, 'servers'), 2)
  assert.equal(field(fleet, 'rollout'), null)
})

test('before the first sweep no device is called good or bad', async () => {
  const view = aView({ clocks: null, devices: new Map() })
  const controller = {
    view: () => Promise.resolve(view),
    health: () => ({ status: 'starting' as const, sweepAgeSeconds: null }),
  }
  const api = anApi({ controller })
  const device = await ask('/devices/pi-gps-01', api)
  for (const name of ['good_time', 'clock', 'reachable', 'drift', 'outdated', 'image', 'facts']) {
    assert.equal(field(device, name), null, name)
  }
})

test('a device has its clock and its state', async () => {
  const device = await ask('/devices/pi-gps-01')
  assert.equal(field(device, 'clock', 'verdict'), 'truechimer')
  assert.equal(field(device, 'good_time'), true)
  assert.deepEqual(field(device, 'drift'), [])
})

test('devices come in pages, by name, and the last page has no cursor', async () => {
  const first = await ask('/devices?limit=3')
  assert.deepEqual(namesOf(first), ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01'])
  const next = field(first, 'next')
  assert.equal(next, 'pi-ntp-01')
  const second = await ask(`/devices?limit=3&after=${next}`)
  assert.deepEqual([namesOf(second), field(second, 'next')], [['pi-ntp-02'], null])
})

test('a cursor whose device has gone goes on behind its place', async () => {
  assert.deepEqual(namesOf(await ask('/devices?after=pi-gps-99')), ['pi-ntp-01', 'pi-ntp-02'])
})

test('?q= takes targets, and tells what is wrong with them', async () => {
  assert.deepEqual(namesOf(await ask('/devices?q=pi-ntp-01')), ['pi-ntp-01'])
  const problems = [
    { file: '', line: null, column: null, what: 'no host "\u001b[31mx"', fix: 'Did you mean y?' },
  ]
  const answer = await ask('/devices?q=x', anApi({ select: () => Promise.resolve(fail(problems)) }))
  assert.equal(field(answer, 'status'), 400)
  assert.equal(field(answer, 'detail'), 'no host " x"')
  assert.equal(field(answer, 'hint'), 'Did you mean y?')
})

for (const query of ['limit=0', 'limit=501', 'limit=x', 'q=', `q=${'a'.repeat(2001)}`]) {
  test(`?${query.slice(0, 20)} is refused with the part that is wrong`, async () => {
    const answer = await ask(`/devices?${query}`)
    assert.equal(field(answer, 'code'), 'invalid')
    assert.equal(field(answer, 'errors', 0, 'where'), `query.${query.split('=')[0] ?? ''}`)
  })
}

test('what is not there is said to be, as problem+json', async () => {
  for (const path of ['/devices/nobody', '/nothing', '/devices/a/b', '/%00']) {
    const answer = await anApi().request(path, { headers: as('viewer') })
    assert.equal(answer.status, 404)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  }
})

test('a bug is logged with its stack, and the asker learns nothing of it', async () => {
  const lines: string[] = []
  const api = anApi({
    facts: () => assert.fail('the secret of the stack'),
    log: (line) => void lines.push(line),
  })
  const answer = await api.request('/devices', { headers: as('viewer') })
  assert.equal(answer.status, 500)
  assert.doesNotMatch(await answer.text(), /secret/)
  assert.match(lines.join('\n'), /the secret of the stack/)
})

test('the socket needs no token, and no name', async () => {
  const answer = await anApi().request('/fleet', {}, { door: 'socket' })
  assert.equal(answer.status, 200)
})

test('its document is OpenAPI 3.1, and names every schema once', async () => {
  const document = await ask('/openapi.json')
  assert.equal(field(document, 'openapi'), '3.1.0')
  assert.equal(field(document, 'components', 'schemas', 'Device', 'type'), 'object')
  assert.equal(
    field(document, 'paths', '/devices/{device}', 'get', 'security', 0, 'token', 'length'),
    0,
  )
})
