import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { scriptedDaemon, variablesFor } from '@timeball/clock/control/test/scripted-daemon.ts'
import type { Asked, Reply } from '@timeball/clock/control/test/scripted-daemon.ts'
import { serve } from './serve.ts'
import type { RunningServer } from './serve.ts'
import { readSettings } from './settings.ts'
import type { Environment } from './setting-kinds.ts'

const system = {
  leap: '0',
  stratum: '1',
  rootdelay: '0.0',
  rootdisp: '1.2',
  refid: 'PPS',
  reftime: '0xeeaf0ba0.00000000',
  clock: '0xeeaf0ba2.00000000',
  tc: '4',
  offset: '0.004',
  frequency: '-3.1',
  sys_jitter: '0.001',
}
const pulse = { srcadr: '127.127.28.1', refid: 'PPS', reach: '0xff', offset: '0.004' }

function inStep(asked: Asked): Reply[] {
  if (asked.opcode === 1) return [{ data: Buffer.from('0001961a', 'hex') }]
  return [{ data: variablesFor(asked, asked.association === 0 ? system : pulse) }]
}

async function start(
  t: TestContext,
  script: (asked: Asked) => Reply[],
  environment: Environment = {},
): Promise<RunningServer> {
  const daemon = await scriptedDaemon(script)
  t.after(() => daemon.close())
  const settings = readSettings({
    ENVIRONMENT: 'pi-gps-01',
    BIND_ADDRESS: '127.0.0.1',
    CLOCK_DISCIPLINE: 'no',
    NTP_PORT: String(daemon.port),
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    ...environment,
  })
  assert.ok(settings.ok)
  const server = await serve(settings.value)
  t.after(() => server.close())
  return server
}

test('a server in step answers 200 and says so', async (t) => {
  const { httpPort, metricsPort } = await start(t, inStep)
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
  const { httpPort, metricsPort } = await start(t, () => [])
  const response = await fetch(`http://127.0.0.1:${httpPort}/health`)
  assert.equal(response.status, 503)
  assert.match(await response.text(), /"reasons":\["ntpd does not answer"/)
  const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  assert.equal(metrics.status, 200)
  assert.match(await metrics.text(), /^ntp_synced 0$/m)
})

test('a crowd of requests asks the daemon once', async (t) => {
  let questions = 0
  const { httpPort } = await start(t, (asked) => {
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
    const { httpPort } = await start(t, inStep)
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { method })
    assert.equal(response.status, status)
    assert.equal(await response.text().then((text) => text === ''), method === 'HEAD')
  })
}

test('headers beyond the limit are refused', async (t) => {
  const { httpPort } = await start(t, inStep)
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const headers = { 'x-large': 'x'.repeat(10_000) }
  const asking = request({ host: '127.0.0.1', port: httpPort, path: '/health', headers })
  asking.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
  asking.end()
  assert.equal(await promise, 431)
})

test('closing does not wait for a client that says nothing', async (t) => {
  const server = await start(t, inStep)
  const client = connect(server.httpPort, '127.0.0.1')
  t.after(() => client.destroy())
  const closed = new Promise((resolve) => client.on('close', resolve).on('error', () => {}))
  await new Promise((resolve) => client.on('connect', resolve))
  await server.close()
  client.resume()
  await closed
})
