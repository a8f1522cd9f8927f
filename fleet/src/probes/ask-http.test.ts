import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { askHttp } from './ask-http.ts'

async function serve(answer: RequestListener) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    url: new URL(`http://127.0.0.1:${address.port}/a`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const question = { method: 'GET', headers: {}, signal: new AbortController().signal } as const

test('status, headers and body are those of the answer', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(503, { 'x-one': '1', 'set-cookie': ['a', 'b'] }).end('not well')
  })
  const { status, headers, body } = await askHttp(server.url, question)
  assert.ok(body !== null)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  assert.deepEqual(
    [status, headers.get('X-One'), headers.get('set-cookie'), headers.get('x-two')],
    [503, '1', 'a, b', null],
  )
  assert.equal(Buffer.concat(chunks).toString(), 'not well')
})

test('a body that is not wanted ends the connection, and is no trouble', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  await using server = await serve((_, response) => {
    response.on('close', resolve)
    response.write('without end')
  })
  const { body } = await askHttp(server.url, question)
  await body?.cancel()
  await closed
})

test('a body that breaks off is an error, not a short body', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
  })
  const { body } = await askHttp(server.url, question)
  assert.ok(body !== null)
  await assert.rejects(async () => {
    for await (const chunk of body) assert.ok(chunk.length > 0)
  }, /aborted|ECONNRESET/)
})

test('the signal ends the wait for an answer', async () => {
  const stop = new AbortController()
  await using server = await serve(() => stop.abort())
  await assert.rejects(askHttp(server.url, { ...question, signal: stop.signal }), /abort/i)
})

test('the answer to HEAD has no body, and its connection keeps no process alive', async () => {
  await using server = await serve((_, response) => void response.end())
  const program = `
    import { askHttp } from ${JSON.stringify(new URL('ask-http.ts', import.meta.url).href)}
    const signal = new AbortController().signal
    const answer = await askHttp(new URL('${server.url.href}'), { method: 'HEAD', headers: {}, signal })
    console.log(answer.status, answer.body)`
  const asking = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(asking, 'exit')
  assert.equal(await text(asking.stdout), '200 null\n')
  assert.deepEqual(await ended, [0, null])
})
