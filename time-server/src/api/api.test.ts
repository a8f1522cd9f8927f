import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { inStep, startServer } from '../test/fake-server.ts'
import { shortLeapList } from '../test/leap-list-text.ts'
import {
  leapStatusSchema,
  nanosSchema,
  ntpPeersSchema,
  ntpStatusSchema,
  timeSchema,
  uncertaintySchema,
} from './schemas.ts'

const silent = (): [] => []

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
  ['/api/time?now', 400],
  ['/api/timezones?filter=a&filter=b', 400],
  ['/api/time/timezone/%ff', 404],
  ['/api', 404],
  ['/api/nothing', 404],
] as const) {
  test(`${path} is ${status} with a sentence`, async (t) => {
    const { httpPort } = await startServer(t)
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`)
    assert.equal(response.status, status)
    assert.match(await response.text(), /^\{"error":"[a-z-]+","message":".{10,}"\}\n$/)
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

test('a keys file that cannot be read lets nobody in, and that is said', async (t) => {
  const { httpPort } = await startServer(t, inStep, { API_KEYS_FILE: '/nonexistent/.env' })
  assert.equal((await fetch(`http://127.0.0.1:${httpPort}/api/time`)).status, 401)
  const health = await (await fetch(`http://127.0.0.1:${httpPort}/health`)).text()
  assert.match(health, /"status":"degraded"/)
  assert.match(
    health,
    /"keys: \/nonexistent\/\.env: it cannot be read \(ENOENT\); nobody is let in"/,
  )
})

test('who shows wrong keys again and again has to wait, except where it has shown a right one', async (t) => {
  const { httpPort, metricsPort } = await startServer(t, inStep, { API_KEY_1: 'first-key-1' })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const ask = (key: string): Promise<IncomingMessage> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const options = { port: httpPort, path: '/api/unix', headers: { 'x-api-key': key }, agent }
    request(options, (response) => resolve(response.resume()))
      .on('error', reject)
      .end()
    return promise
  }
  assert.equal((await ask('first-key-1')).statusCode, 200)
  const statuses = new Set<number>()
  for (let count = 0; count < 30; count += 1) {
    const headers = { 'x-api-key': `wrong-key-${count}` }
    const response = await fetch(`http://127.0.0.1:${httpPort}/api/unix`, { headers })
    await response.text()
    statuses.add(response.status)
    if (response.status === 429) assert.ok(Number(response.headers.get('retry-after')) >= 1)
  }
  assert.deepEqual([...statuses], [401, 429])
  const right = { headers: { 'x-api-key': 'first-key-1' } }
  const elsewhere = await fetch(`http://127.0.0.1:${httpPort}/api/unix`, right)
  assert.equal(elsewhere.status, 429, 'nobody can go on guessing')
  assert.equal((await ask('first-key-1')).statusCode, 200)
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  assert.match(metrics, /^http_refused_total\{reason="key"\} 2\d$/m)
  assert.match(metrics, /^http_refused_total\{reason="failures"\} [1-9]/m)
})

test('a call of a tool costs twenty of the requests that a key has', async (t) => {
  const API_KEY_1 = '{"key":"first-key-1","rate_limit":45}'
  const { httpPort } = await startServer(t, inStep, { API_KEY_1 })
  const headers = { 'x-api-key': 'first-key-1', 'content-type': 'application/json' }
  const statuses: number[] = []
  for (let count = 0; count < 3; count += 1) {
    const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
    const response = await fetch(`http://127.0.0.1:${httpPort}/mcp`, {
      method: 'POST',
      headers,
      body,
    })
    await response.text()
    statuses.push(response.status)
  }
  assert.equal(statuses[2], 429)
  assert.ok(
    statuses.slice(0, 2).every((status) => status !== 429),
    statuses.join(),
  )
  const read = await fetch(`http://127.0.0.1:${httpPort}/api/unix`, { headers })
  assert.equal(read.status, 200, 'five are left')
})

const page = 'https://page.example'

test('a page of an allowed origin may ask, and a browser is told so before', async (t) => {
  const keys = { API_KEY_1: 'first-key-1', ALLOWED_ORIGINS: page }
  const { httpPort } = await startServer(t, inStep, keys)
  for (const path of ['/api/time', '/api/time/timezone/Europe/Berlin', '/mcp', '/health']) {
    const preflight = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: page,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-api-key, mcp-protocol-version',
      },
    })
    assert.equal(preflight.status, 204, path)
    for (const name of ['content-length', 'content-type']) {
      assert.equal(preflight.headers.get(name), null, 'there is no content')
    }
    assert.equal(preflight.headers.get('access-control-allow-origin'), page)
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /GET.*POST/)
    const allowed = preflight.headers.get('access-control-allow-headers')
    assert.equal(allowed, 'x-api-key, mcp-protocol-version')
    assert.equal(preflight.headers.get('vary'), 'Origin')
  }
  for (const [key, status] of [
    ['first-key-1', 200],
    ['other-key-1', 401],
  ] as const) {
    const headers = { origin: page, 'x-api-key': key }
    const response = await fetch(`http://127.0.0.1:${httpPort}/api/time`, { headers })
    assert.equal(response.status, status)
    assert.equal(response.headers.get('access-control-allow-origin'), page, 'it may read why')
  }
})

test('a page of another origin is told nothing, and without a list nobody is', async (t) => {
  const allowing = await startServer(t, inStep, { ALLOWED_ORIGINS: page })
  const strict = await startServer(t, inStep)
  for (const [port, origin, status] of [
    [allowing.httpPort, 'https://evil.example', 403],
    [allowing.httpPort, 'null', 403],
    [strict.httpPort, page, 405],
  ] as const) {
    const url = `http://127.0.0.1:${port}/api/time`
    const headers = { origin, 'access-control-request-method': 'GET' }
    const preflight = await fetch(url, { method: 'OPTIONS', headers })
    assert.equal(preflight.status, status)
    const response = await fetch(url, { headers: { origin } })
    for (const { headers: got } of [preflight, response]) {
      assert.equal(got.get('access-control-allow-origin'), null)
    }
  }
})

test('nanoseconds are told with the resolution of the clock, and no digit below it', async (t) => {
  const { httpPort } = await startServer(t)
  for (const path of ['/api/nanos', '/api/unix', '/api/time']) {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`)
    const answer: unknown = await response.json()
    const { unix_nanoseconds: text } = z.object({ unix_nanoseconds: z.string() }).parse(answer)
    assert.match(text, /000$/)
    if (path === '/api/nanos') assert.equal(nanosSchema.parse(answer).resolution_ns, 1000)
  }
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

test('that only a part of the sources was read is said, and all are counted', async (t) => {
  const list = Buffer.alloc(71 * 4)
  for (let at = 0; at < 71; at += 1) {
    list.writeUInt16BE(at + 1, at * 4)
    list.writeUInt16BE(at === 70 ? 0x961a : 0x941a, at * 4 + 2)
  }
  const { httpPort } = await startServer(t, (asked) =>
    asked.opcode === 1 ? [{ data: list }] : inStep(asked),
  )
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${httpPort}${path}`)).json()
  const said = 'only 64 of 71 sources were read, those that the daemon prefers: configure fewer'
  const peers = ntpPeersSchema.parse(await get('/api/ntp/peers'))
  assert.deepEqual([peers.reason, peers.peers?.length], [said, 64])
  assert.equal(peers.peers?.at(-1)?.tally, '*')
  const status = ntpStatusSchema.parse(await get('/api/ntp/status'))
  assert.deepEqual([status.synced, status.peers, status.reasons], [true, 71, [said]])
})
