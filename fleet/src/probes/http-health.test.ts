import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { test } from 'node:test'
import { probeHttpHealth, type HealthRequest } from './http-health.ts'

interface Listening extends AsyncDisposable {
  readonly port: number
}

async function listen(server: Server, host: string, end: () => void): Promise<Listening> {
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      end()
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(answer: RequestListener, host = '127.0.0.1'): Promise<Listening> {
  const server = createServer(answer)
  return listen(server, host, () => server.closeAllConnections())
}

function sending(status: number, body: string): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }
}

async function probe(
  port: number,
  change: Partial<HealthRequest> = {},
): Promise<string | { readonly httpStatus: number; readonly status: string | null }> {
  const signal = new AbortController().signal
  const request = { address: '127.0.0.1', port, timeoutMs: 10_000, signal, ...change }
  const result = await probeHttpHealth(request)
  if (!result.ok) return result.failure.code
  return { httpStatus: result.value.httpStatus, status: result.value.status }
}

for (const address of ['127.0.0.1', '::1', 'localhost']) {
  test(`a healthy server is read at ${address}`, async () => {
    const host = address === '::1' ? '::1' : '127.0.0.1'
    await using server = await serve(sending(200, '{"status":"healthy"}'), host)
    assert.deepEqual(await probe(server.port, { address }), { httpStatus: 200, status: 'healthy' })
  })
}

test('a 503 with a readable body is an answer', async () => {
  await using server = await serve(sending(503, '{"status":"unhealthy"}'))
  assert.deepEqual(await probe(server.port), { httpStatus: 503, status: 'unhealthy' })
})

for (const { name, answer, code } of [
  { name: 'a body that is not JSON', answer: sending(200, 'healthy'), code: 'not-json' },
  { name: 'an empty body', answer: sending(200, ''), code: 'not-json' },
  { name: 'another status', answer: sending(404, '{}'), code: 'http-status' },
  { name: 'a large body', answer: sending(200, ' '.repeat(65_537)), code: 'too-large' },
]) {
  test(`${name} is ${code}`, async () => {
    await using server = await serve(answer)
    assert.equal(await probe(server.port), code)
  })
}

test('a body without an end is cut off', async () => {
  await using server = await serve((_, response) => {
    const chunk = ' '.repeat(16_384)
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) continue
    }
    response.on('drain', more)
    more()
  })
  assert.equal(await probe(server.port), 'too-large')
})

test('a redirect is not followed', async () => {
  let requests = 0
  await using server = await serve((_, response) => {
    requests += 1
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  assert.equal(await probe(server.port), 'http-status')
  assert.equal(requests, 1)
})

test('a server that accepts and is silent is a timeout', async () => {
  await using server = await serve(() => {})
  assert.equal(await probe(server.port, { timeoutMs: 50 }), 'timeout')
})

test('a body that stops in the middle is a timeout', async () => {
  await using server = await serve((_, response) => {
    response.write('{"status":')
  })
  assert.equal(await probe(server.port, { timeoutMs: 50 }), 'timeout')
})

test('something that is not HTTP is unreachable', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {}).resume()
    socket.end('SSH-2.0-OpenSSH\r\n')
  })
  await using listening = await listen(server, '127.0.0.1', () => {})
  assert.equal(await probe(listening.port), 'unreachable')
})

test('a closed port is refused', async () => {
  const server = await serve(() => {})
  await server[Symbol.asyncDispose]()
  assert.equal(await probe(server.port), 'refused')
})

test('aborting ends the probe', async () => {
  const abort = new AbortController()
  await using server = await serve(() => abort.abort())
  assert.equal(await probe(server.port, { signal: abort.signal }), 'aborted')
})
