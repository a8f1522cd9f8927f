import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import {
  boundConnections,
  clientOf,
  placeFor,
  thisMachine,
  type Held,
} from './connection-bounds.ts'

const bounds = { total: 4, perClient: 3, local: 2 }
function held(client: string, isBusy = false): Held {
  return { client, isBusy }
}

test('a client who holds too many loses its own oldest idle one', () => {
  const open = [held('a', true), held('b'), held('a'), held('a')]
  assert.equal(placeFor('a', open, bounds), open[2])
  assert.equal(placeFor('a', [held('a', true), held('a', true), held('a', true)], bounds), 'none')
})

test('where all places are taken, the client who holds the most idle ones loses one', () => {
  const open = [held('b'), held('a'), held('a'), held('a')]
  assert.equal(placeFor('c', open, bounds), open[1])
  const busy = ['a', 'b', 'c', 'd'].map((client) => held(client, true))
  assert.equal(placeFor('e', busy, bounds), 'none')
})

test('this machine has places of its own', () => {
  const others = ['a', 'a', 'a', 'b'].map((client) => held(client, true))
  assert.equal(placeFor(thisMachine, others, bounds), 'free')
  const local = [held(thisMachine), held(thisMachine)]
  assert.equal(placeFor(thisMachine, local, bounds), local[0])
  assert.equal(placeFor('a', local, bounds), 'free')
})

test('a client is an address, and a /64 of IPv6', () => {
  assert.equal(clientOf('192.0.2.7'), '192.0.2.7')
  assert.equal(clientOf('::ffff:192.0.2.7'), '192.0.2.7')
  assert.equal(clientOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2')
  assert.equal(clientOf('2001:db8::1'), '2001:db8:0:0')
  assert.equal(clientOf('2001:db8:0:0:1::'), '2001:db8:0:0')
  for (const local of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.equal(clientOf(local), thisMachine)
  }
})

async function answerOf(port: number): Promise<string> {
  const [answer] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response')
  return await text(answer satisfies IncomingMessage)
}

test('hundreds of half-open connections hold up no request', async () => {
  const server = createServer({ headersTimeout: 0, requestTimeout: 0 }, (_, response) => {
    response.end('here')
  })
  boundConnections(server, { total: 8, perClient: 8, local: 8 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const sockets: Socket[] = []
  for (let count = 0; count < 300; count++) {
    const socket = connect(address.port, '127.0.0.1')
    socket.on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write('GET / HTTP/1.1\r\nHost: ')
  }
  assert.equal(await answerOf(address.port), 'here')
  for (const socket of sockets) socket.destroy()
  server.closeAllConnections()
  server.close()
})
