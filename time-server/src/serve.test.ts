import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
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
