import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import { probeContract } from './contract.ts'

const { signal } = new AbortController()

async function probe(answer: RequestListener): ReturnType<typeof probeContract> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ports = { httpPort: port, metricsPort: port }
  const found = await probeContract({ address: '127.0.0.1', ...ports, timeoutMs: 10_000, signal })
  server.closeAllConnections()
  server.close()
  return found
}

test('the series are read by name, and no key is sent', async () => {
  const headers: string[] = []
  const text = '# HELP ntp_synced a: b\nntp_synced 1\nntp_peer{address="::1"} 2\n\n'
  const { metrics, keyless } = await probe((request, response) => {
    headers.push(...Object.keys(request.headers))
    response.writeHead(request.url === '/metrics' ? 200 : 401).end(text)
  })
  assert.deepEqual(metrics, ok(new Set(['ntp_synced', 'ntp_peer'])))
  assert.deepEqual(keyless, ok(401))
  assert.ok(!headers.includes('x-api-key') && !headers.includes('authorization'))
})

test('metrics that are not there are a failure with their status', async () => {
  const { metrics } = await probe((_, response) => void response.writeHead(404).end())
  assert.deepEqual(metrics, { ok: false, failure: { code: 'http-status', detail: 'HTTP 404' } })
})

test('metrics without an end are cut off', async () => {
  const { metrics } = await probe((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('a'.repeat(65_536))) continue
    }
    response.on('drain', more)
    more()
  })
  assert.ok(!metrics.ok && metrics.failure.code === 'too-large')
})
