import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { serverPool } from './pool.ts'

const input = z.object({ number: z.number() })

/** A tool that answers its argument, over a pool; `made` counts the servers. */
async function poolServer(t: TestContext) {
  let made = 0
  const pool = serverPool(() => {
    made += 1
    const server = new McpServer({ name: 'test', version: '1.0.0' })
    server.registerTool('echo', { inputSchema: input }, async ({ number }) => {
      await new Promise(setImmediate)
      return { content: [{ type: 'text', text: `number ${number}` }] }
    })
    return server
  })
  const handler = createMcpHandler(pool.factory)
  const answer = getRequestListener((request) => handler.fetch(request))
  const server = createServer((request, response) => {
    pool.serve(response, () => void answer(request, response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { port: address.port, made: () => made }
}

const bodyOf = (number: number): string =>
  `{"jsonrpc":"2.0","id":${number},"method":"tools/call","params":{"name":"echo","arguments":{"number":${number}}}}`
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

async function call(port: number, number: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/mcp`
  const response = await fetch(url, { method: 'POST', headers, body: bodyOf(number) })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  assert.match(text, new RegExp(`number ${number}"`))
}

test('one server serves one request after the other', async (t) => {
  const { port, made } = await poolServer(t)
  for (let number = 0; number < 5; number += 1) await call(port, number)
  assert.equal(made(), 1)
})

test('requests at once have servers of their own, which serve later ones again', async (t) => {
  const { port, made } = await poolServer(t)
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 6 }, (_, number) => call(port, number)))
  }
  assert.ok(made() <= 6, String(made()))
})

test('clients that go away while they are served take nobody else with them', async (t) => {
  const { port } = await poolServer(t)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  for (let round = 0; round < 20; round += 1) {
    const client = connect(port, '127.0.0.1')
    client.on('error', () => {})
    const body = bodyOf(99)
    client.write(`POST /mcp HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n`)
    client.write(`${lines.join('')}\r\n${body}`)
    const others = [call(port, round), call(port, round + 100)]
    await new Promise(setImmediate)
    client.destroy()
    await Promise.all(others)
  }
})
