import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { inStep, startServer } from './test/fake-server.ts'

test('a server in step answers 200 and says so', async (t) => {
  const { httpPort, metricsPort } = await startServer(t, inStep)
  const response = await fetch(`http://127.0.0.1:${httpPort}/health?verbose`)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/json')
  const body: unknown = await response.json()
  assert.ok(typeof body === 'object' && body !== null && 'ntp' in body && 'device' in body)
  assert.equal(body.device, 'pi-gps-01')
  assert.ok(typeof body.ntp === 'object' && body.ntp !== null && 'synced' in body.ntp)
  assert.equal(body.ntp.synced, true)
  const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.match(await metrics.text(), /^ntp_synced 1$/m)
})

test('a silent daemon is a 503 with a reason, and metrics that still answer', async (t) => {
  const { httpPort, metricsPort } = await startServer(t, () => [])
  const response = await fetch(`http://127.0.0.1:${httpPort}/health`)
  assert.equal(response.status, 503)
  assert.match(await response.text(), /"reasons":\["ntpd does not answer"/)
  const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  assert.equal(metrics.status, 200)
  assert.match(await metrics.text(), /^ntp_synced 0$/m)
})

test('a crowd of requests asks the daemon once', async (t) => {
  let questions = 0
  const { httpPort } = await startServer(t, (asked) => {
    questions += 1
    return inStep(asked)
  })
  const crowd = Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${httpPort}/health`))
  for (const response of await Promise.all(crowd)) await response.text()
  assert.equal(questions, 3)
})

for (const [method, path, status] of [
  ['HEAD', '/health', 200],
  ['POST', '/health', 405],
  ['DELETE', '/health', 405],
  ['GET', '/', 404],
  ['GET', '/metrics', 404],
  ['GET', '/health/', 404],
  ['GET', '//health', 404],
] as const) {
  test(`${method} ${path} is ${status}`, async (t) => {
    const { httpPort } = await startServer(t, inStep)
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { method })
    assert.equal(response.status, status)
    assert.equal(await response.text().then((text) => text === ''), method === 'HEAD')
  })
}

/** A connection on which nothing was asked yet. */
async function idle(t: TestContext, port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1')
  t.after(() => client.destroy())
  client.on('error', () => {})
  await once(client, 'connect')
  return client
}

test('idle connections keep nobody out: the oldest make room', async (t) => {
  const { httpPort, metricsPort } = await startServer(t, inStep)
  const clients: Socket[] = []
  for (let count = 0; count < 200; count += 1) clients.push(await idle(t, httpPort))
  const response = await fetch(`http://127.0.0.1:${httpPort}/health`)
  assert.equal(response.status, 200)
  const [oldest, latest] = [clients[0], clients.at(-1)]
  assert.ok(oldest !== undefined && latest !== undefined)
  if (!oldest.closed) await once(oldest.resume(), 'close')
  latest.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n')
  const [answer]: unknown[] = await once(latest, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 /)
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  assert.match(metrics, /^http_refused_total\{reason="connections"\} [1-9]\d+$/m)
})

test('a request line with the name of the server is as good as one without', async (t) => {
  const { httpPort } = await startServer(t, inStep)
  const client = await idle(t, httpPort)
  client.write(`GET http://127.0.0.1:${httpPort}/health HTTP/1.1\r\nHost: a\r\n\r\n`)
  const [answer]: unknown[] = await once(client, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 /)
})

test('no answer is to be kept by anybody, and every refusal has a sentence', async (t) => {
  const { httpPort } = await startServer(t, inStep)
  for (const [method, path, status] of [
    ['GET', '/health', 200],
    ['GET', '/api/ntp/status', 200],
    ['GET', '/api/openapi.json', 200],
    ['GET', '/nothing', 404],
    ['GET', '/api/nothing', 404],
    ['PUT', '/health', 405],
    ['POST', '/api/time', 405],
    ['OPTIONS', '/api/time', 405],
    ['POST', '/mcp', 415],
  ] as const) {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { method })
    assert.equal(response.status, status, `${method} ${path}`)
    assert.equal(response.headers.get('cache-control'), 'no-store', `${method} ${path}`)
    const body = await response.text()
    if (status !== 200) assert.match(body, /"message":"[^"]{10,}/, `${method} ${path}`)
  }
})

test('headers beyond the limit are refused', async (t) => {
  const { httpPort } = await startServer(t, inStep)
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const headers = { 'x-large': 'x'.repeat(10_000) }
  const asking = request({ host: '127.0.0.1', port: httpPort, path: '/health', headers })
  asking.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
  asking.end()
  assert.equal(await promise, 431)
})

test('closing does not wait for a client that says nothing', async (t) => {
  const server = await startServer(t, inStep)
  const client = connect(server.httpPort, '127.0.0.1')
  t.after(() => client.destroy())
  const closed = new Promise((resolve) => client.on('close', resolve).on('error', () => {}))
  await new Promise((resolve) => client.on('connect', resolve))
  await server.close()
  client.resume()
  await closed
})
