import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { inStep, startServer } from '../test/fake-server.ts'
import { shortLeapList } from '../test/leap-list-text.ts'
import {
  gpsStatusSchema,
  leapStatusSchema,
  nanosSchema,
  ntpPeersSchema,
  ntpStatusSchema,
  timeSchema,
  timezonesSchema,
  uncertaintySchema,
  unixSchema,
} from './schemas.ts'

const silent = (): [] => []
const schemas = {
  '/api/time': timeSchema,
  '/api/unix': unixSchema,
  '/api/nanos': nanosSchema,
  '/api/timezones': timezonesSchema,
  '/api/time/uncertainty': uncertaintySchema,
  '/api/time/timezone/{tz}': timeSchema,
  '/api/ntp/status': ntpStatusSchema,
  '/api/ntp/peers': ntpPeersSchema,
  '/api/gps/status': gpsStatusSchema,
  '/api/leap-second/status': leapStatusSchema,
} as const

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.object({
      get: z.object({
        responses: z.record(
          z.string(),
          z.object({
            content: z.object({ 'application/json': z.object({ schema: z.unknown() }) }),
          }),
        ),
      }),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
})

for (const [name, script, environment] of [
  ['in step', inStep, {}],
  ['whose ntpd is silent', silent, {}],
  ['with a receiver that is not there', inStep, { ENABLE_GPS: 'yes', GPSD_ADDRESS: '127.0.0.1:1' }],
] as const) {
  test(`every answer of a server ${name} is what the OpenAPI document says`, async (t) => {
    const { httpPort } = await startServer(t, script, environment)
    const base = `http://127.0.0.1:${httpPort}`
    const document = documentSchema.parse(await (await fetch(`${base}/api/openapi.json`)).json())
    assert.deepEqual(Object.keys(document.paths).toSorted(), Object.keys(schemas).toSorted())
    for (const [path, schema] of Object.entries(schemas)) {
      const response = await fetch(base + path.replace('{tz}', 'Europe/Berlin'))
      assert.equal(response.status, 200, path)
      const answer: unknown = await response.json()
      schema.parse(answer)
      const described = document.paths[path]?.get.responses['200']?.content['application/json']
      const references = { $defs: document.components.schemas }
      const inDocument = JSON.parse(
        JSON.stringify({ ...Object(described?.schema), ...references }).replaceAll(
          '#/components/schemas/',
          '#/$defs/',
        ),
      )
      const check = z.fromJSONSchema(inDocument)
      assert.ok(check.safeParse(answer).success, `${path}: ${JSON.stringify(answer)}`)
    }
  })
}

test('every time says how far from UTC it can be, and by whose word', async (t) => {
  const { httpPort } = await startServer(t)
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/time`)
  const time = timeSchema.parse(await response.json())
  const { uncertainty_ms: bound, ...clock } = time.clock
  assert.ok(bound !== null && bound >= 1.5 && bound < 1.6)
  assert.deepEqual(clock, {
    state: 'synced',
    reason: null,
    source: { daemon: 'ntpd', stratum: 1, refid: 'PPS', address: '127.127.28.1' },
    leap: 0,
  })
  assert.equal(
    BigInt(time.unix_nanoseconds),
    BigInt(time.unix_seconds) * 10n ** 9n + BigInt(time.nanoseconds),
  )
  assert.equal(Temporal.Instant.from(time.utc).epochNanoseconds, BigInt(time.unix_nanoseconds))
  const bounds = await fetch(`http://127.0.0.1:${httpPort}/api/time/uncertainty`)
  const { earliest_utc: earliest, latest_utc: latest } = uncertaintySchema.parse(
    await bounds.json(),
  )
  assert.ok(earliest !== null && latest !== null && earliest < latest)
})

test('without a daemon time is told, and that its uncertainty is not known', async (t) => {
  const { httpPort } = await startServer(t, silent)
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/nanos`)
  const { clock } = nanosSchema.parse(await response.json())
  assert.deepEqual([clock.state, clock.uncertainty_ms], ['unknown', null])
  assert.match(clock.reason ?? '', /cannot be asked/)
})

test('the list of leap seconds is checked, and its expiry told', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-leap-'))
  t.after(() => rm(folder, { recursive: true }))
  const LEAP_FILE = join(folder, 'leap-seconds.list')
  for (const [text, state] of [
    [shortLeapList.replace('3692217600', '3692217601'), 'unknown'],
    [shortLeapList, /^(valid|expired)$/],
  ] as const) {
    await writeFile(LEAP_FILE, text)
    const { httpPort } = await startServer(t, inStep, { LEAP_FILE })
    const response = await fetch(`http://127.0.0.1:${httpPort}/api/leap-second/status`)
    const status = leapStatusSchema.parse(await response.json())
    assert.match(status.state, new RegExp(state))
    assert.equal(status.list_expires_utc, state === 'unknown' ? null : '2026-12-27T00:00:00Z')
  }
})

for (const [path, status] of [
  ['/api/time/timezone/Nowhere/Land', 404],
  ['/api/time/timezone/%00', 404],
  ['/api/time/timezone/%ff', 404],
  ['/api', 404],
  ['/api/nothing', 404],
] as const) {
  test(`${path} is ${status} with a sentence`, async (t) => {
    const { httpPort } = await startServer(t)
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`)
    assert.equal(response.status, status)
    assert.match(await response.text(), /^\{"error":"/)
  })
}

test('writing is refused', async (t) => {
  const { httpPort } = await startServer(t)
  for (const path of ['/api/time', '/api/openapi.json']) {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { method: 'DELETE' })
    assert.equal(response.status, 405)
  }
})

test('with a key set, the API and MCP need it, health and metrics do not', async (t) => {
  const keys = { API_KEY_1: 'first-key-1', API_KEY_2: '{"key":"second-key-2","rate_limit":2}' }
  const { httpPort, metricsPort } = await startServer(t, inStep, keys)
  const base = `http://127.0.0.1:${httpPort}`
  const statusOf = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
    const response = await fetch(base + path, { headers })
    await response.body?.cancel()
    return response.status
  }
  for (const path of ['/api/time', '/api/openapi.json', '/api/nothing', '/mcp']) {
    assert.equal(await statusOf(path), 401, path)
    assert.equal(await statusOf(path, { authorization: 'Bearer wrong-key-1' }), 401, path)
  }
  assert.equal(await statusOf('/api/time', { authorization: 'Bearer first-key-1' }), 200)
  assert.equal(await statusOf('/api/time', { 'x-api-key': 'first-key-1' }), 200)
  assert.equal(await statusOf('/health'), 200)
  assert.equal((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status, 200)

  const limited = { 'x-api-key': 'second-key-2' }
  const statuses = [
    await statusOf('/api/unix', limited),
    await statusOf('/api/unix', limited),
    await statusOf('/api/unix', limited),
  ]
  assert.deepEqual(statuses, [200, 200, 429])
  const refused = await fetch(`${base}/api/unix`, { headers: limited })
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
})

test('a keys file that cannot be read lets nobody in', async (t) => {
  const { httpPort } = await startServer(t, inStep, { API_KEYS_FILE: '/nonexistent/.env' })
  assert.equal((await fetch(`http://127.0.0.1:${httpPort}/api/time`)).status, 401)
})

test('rotating keys under load loses no request', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-rotation-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, '.env')
  const API_RATE_LIMIT = '1000000'
  await writeFile(path, 'API_KEY_1=key-number-0\n')
  const server = await startServer(t, inStep, { API_KEYS_FILE: path, API_RATE_LIMIT })
  const base = `http://127.0.0.1:${server.httpPort}`
  let key = 'key-number-0'
  const stop = new AbortController()
  const statuses = new Map<number, number>()
  async function client(): Promise<void> {
    while (!stop.signal.aborted) {
      const response = await fetch(`${base}/api/unix`, { headers: { 'x-api-key': key } })
      await response.text()
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    }
  }
  async function rotate(text: string): Promise<void> {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
    await server.reloadKeys()
    await server.reloadKeys()
  }
  const clients = Array.from({ length: 8 }, client)
  for (let round = 1; round <= 5; round += 1) {
    const [old, next] = [`key-number-${round - 1}`, `key-number-${round}`]
    await rotate(`API_KEY_1=${old}\nAPI_KEY_2=${next}\n`)
    key = next
    // A client that read the old key just before may still be asking with it.
    await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${base}/health`).then((r) => r.text())),
    )
    await rotate(`API_KEY_1=${next}\n`)
    const revoked = await fetch(`${base}/api/unix`, { headers: { 'x-api-key': old } })
    assert.equal(revoked.status, 401)
  }
  stop.abort()
  await Promise.all(clients)
  assert.deepEqual([...statuses.keys()], [200])
  assert.ok((statuses.get(200) ?? 0) >= 40)
})
