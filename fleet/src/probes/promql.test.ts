import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { askPrometheus, type PromqlQuestion } from './promql.ts'

interface Fake extends AsyncDisposable {
  readonly url: string
  /** Path and form of each request. */
  readonly requests: string[]
}

async function serve(answer: RequestListener): Promise<Fake> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      requests.push(`${request.url} ${form.get('query')}`)
      answer(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answering(status: number, body: unknown): RequestListener {
  return (_, response) => void response.writeHead(status).end(JSON.stringify(body))
}

function vector(...values: string[]): unknown {
  const result = values.map((value) => ({ metric: {}, value: [1_795_466_015.1, value] }))
  return { status: 'success', data: { resultType: 'vector', result } }
}

async function ask(
  prometheus: string,
  change: Partial<PromqlQuestion> = {},
): Promise<readonly number[] | string> {
  const signal = new AbortController().signal
  const question = { prometheus, query: 'up', device: 'pi-1', timeoutMs: 10_000, signal, ...change }
  const result = await askPrometheus(question)
  return result.ok ? result.value : result.failure
}

test('the value of each series is read, infinities too', async () => {
  await using server = await serve(answering(200, vector('1', '2.5e-3', '+Inf', '-Inf', 'NaN')))
  assert.deepEqual(await ask(server.url), [1, 0.0025, Infinity, -Infinity, Number.NaN])
})

test('a scalar is one value, and no series is none', async () => {
  const scalar = { status: 'success', data: { resultType: 'scalar', result: [1, '7'] } }
  await using one = await serve(answering(200, scalar))
  await using none = await serve(answering(200, vector()))
  assert.deepEqual(await ask(one.url), [7])
  assert.deepEqual(await ask(none.url), [])
})

test('a path prefix is kept, and the device is filled in wherever it stands', async () => {
  await using server = await serve(answering(200, vector()))
  const query = 'a{d="$device"} / b{d="$device"}'
  await ask(`${server.url}/prom/`, { query, device: 'pi-$&-1' })
  assert.deepEqual(server.requests, ['/prom/api/v1/query a{d="pi-$&-1"} / b{d="pi-$&-1"}'])
})

test('the name of a device cannot end the string that it stands in', async () => {
  await using server = await serve(answering(200, vector()))
  await ask(server.url, { query: 'up{d="$device"}', device: 'a"} or vector(0) #\\\n' })
  assert.deepEqual(server.requests, ['/api/v1/query up{d="a\\"} or vector(0) #\\\\ "}'])
})

for (const { name, answer, failure } of [
  {
    name: 'an error of Prometheus is told without control characters',
    answer: answering(400, { status: 'error', error: 'parse error:\u001b[31m x' }),
    failure: /^Prometheus refuses: parse error: x$/,
  },
  {
    name: 'a matrix is no answer',
    answer: answering(200, { status: 'success', data: { resultType: 'matrix', result: [] } }),
    failure: /no vector or scalar/,
  },
  { name: 'a page is no answer', answer: answering(200, '<html>'), failure: /HTTP 200, and no/ },
  { name: 'a redirect is not followed', answer: redirect, failure: /HTTP 302/ },
  { name: 'a body without an end is cut off', answer: endless, failure: /more than 1048576 bytes/ },
]) {
  test(name, async () => {
    await using server = await serve(answer)
    assert.match(String(await ask(server.url)), failure)
    assert.equal(server.requests.length, 1)
  })
}

function redirect(_: unknown, response: Parameters<RequestListener>[1]): void {
  response.writeHead(302, { location: '/api/v1/query' }).end()
}

function endless(_: unknown, response: Parameters<RequestListener>[1]): void {
  const chunk = ' '.repeat(65_536)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk)) continue
  }
  response.on('drain', more)
  more()
}

test('silence, a closed port, an abort and an address that is none are told apart', async () => {
  const server = await serve(() => {})
  assert.match(String(await ask(server.url, { timeoutMs: 50 })), /within 50 ms/)
  assert.equal(await ask(server.url, { signal: AbortSignal.abort() }), 'aborted')
  await server[Symbol.asyncDispose]()
  assert.match(String(await ask(server.url)), /not reached: the connection was refused/)
  assert.match(String(await ask('prometheus')), /cannot be read/)
})
