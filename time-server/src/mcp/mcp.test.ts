import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { inStep, startServer } from '../test/fake-server.ts'
import { assertObject, calls, useEverything } from '../test/use-everything.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

async function connected(
  t: TestContext,
  transport: StreamableHTTPClientTransport | StdioClientTransport,
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(transport)
  t.after(() => client.close())
  return client
}

async function overHttp(t: TestContext, port: number, headers: Record<string, string> = {}) {
  const url = new URL(`http://127.0.0.1:${port}/mcp`)
  return connected(t, new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
}

test('a client calls every tool and prompt over HTTP with a key', async (t) => {
  const { httpPort } = await startServer(t, inStep, { API_KEY_1: 'first-key-1' })
  await useEverything(await overHttp(t, httpPort, { authorization: 'Bearer first-key-1' }))
})

test('a client without a key is refused', async (t) => {
  const { httpPort } = await startServer(t, inStep, { API_KEY_1: 'first-key-1' })
  await assert.rejects(overHttp(t, httpPort))
  await assert.rejects(overHttp(t, httpPort, { authorization: 'Bearer other-key-1' }))
})

test('a client calls every tool and prompt over stdio, with no daemon to ask', async (t) => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, 'mcp'],
    env: { NTP_PORT: '1' },
  })
  await useEverything(await connected(t, transport))
})

test('the answers are the time, and what is wrong is said in a sentence', async (t) => {
  const { httpPort } = await startServer(t)
  const client = await overHttp(t, httpPort)
  const call = (name: string, argv: Record<string, unknown>) =>
    client.callTool({ name, arguments: argv })

  const conversion = await call('convert_time', calls['convert_time'] ?? {})
  assertObject(conversion.structuredContent)
  assert.equal(conversion.structuredContent['ambiguity'], 'gap')
  const bound = await call('get_time_uncertainty', {})
  assertObject(bound.structuredContent)
  assert.equal(bound.structuredContent['half_root_delay_ms'], 0.25)

  const unknown = await call('get_time_with_timezone', { timezone: 'Mars/Olympus' })
  assert.equal(unknown.isError, true)
  assert.match(JSON.stringify(unknown.content), /unknown time zone/)
  const badFormat = await call('get_time_formatted', { format: '%Q' })
  assert.match(JSON.stringify(badFormat.content), /not known: %Q/)
  const missing = await call('convert_time', {}).catch((error: unknown) => ({
    isError: true,
    content: String(error),
  }))
  assert.equal(missing.isError, true)
})

test('a body that is too large, not JSON, or from a web page is refused', async (t) => {
  const { httpPort } = await startServer(t)
  const post = async (body: string, headers: Record<string, string> = {}): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${httpPort}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
    })
    await response.body?.cancel()
    return response.status
  }
  assert.equal(await post(`"${'x'.repeat(70_000)}"`), 413)
  assert.equal(await post('{'), 400)
  assert.equal(await post('{}', { origin: 'http://evil.example' }), 403)
})

test('a page of this machine may ask, by a name of this machine', async (t) => {
  const { httpPort } = await startServer(t)
  const origin = `http://127.0.0.1:${httpPort}`
  await useEverything(await overHttp(t, httpPort, { origin }))
  const status = (host: string): Promise<number> => {
    const options = { port: httpPort, path: '/mcp', method: 'POST', headers: { origin, host } }
    const { promise, resolve } = Promise.withResolvers<number>()
    httpRequest(options, (response) => resolve(response.resume().statusCode ?? 0)).end('{}')
    return promise
  }
  assert.equal(await status('rebound.example'), 403)
  assert.notEqual(await status(`localhost:${httpPort}`), 403)
})

test('an origin that is allowed may ask', async (t) => {
  const ALLOWED_ORIGINS = 'https://page.example'
  const { httpPort } = await startServer(t, inStep, { ALLOWED_ORIGINS })
  await useEverything(await overHttp(t, httpPort, { origin: 'https://page.example' }))
})
