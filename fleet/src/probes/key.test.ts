import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import { Secret } from '../core/secrets/secret.ts'
import { probeKey } from './key.ts'

const key = new Secret('API_KEY_1', 'the-key-0123456789')

const cases = [
  { status: 200, said: ok('accepted') },
  { status: 401, said: ok('refused') },
  { status: 403, said: ok('refused') },
  { status: 429, said: { ok: false, failure: { code: 'http-status', detail: 'HTTP 429' } } },
  { status: 503, said: { ok: false, failure: { code: 'http-status', detail: 'HTTP 503' } } },
]
for (const { status, said } of cases) {
  test(`an answer of ${status} to a key`, async () => {
    const heard: unknown[] = []
    const server = createServer((request, response) => {
      heard.push(request.url, request.headers['x-api-key'])
      response.writeHead(status).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { signal } = new AbortController()
    const asked = { address: '127.0.0.1', port, key, timeoutMs: 10_000, signal }
    assert.deepEqual(await probeKey(asked), said)
    assert.deepEqual(heard, ['/api/time', 'the-key-0123456789'])
    server.closeAllConnections()
    server.close()
  })
}
