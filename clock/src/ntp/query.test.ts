import assert from 'node:assert/strict'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NtpFailure, NtpMeasurement } from './measurement.ts'
import { formatPacket, parsePacket, stampFromUnixNs, type NtpPacket } from './packet.ts'
import { queryNtp, type NtpQuery } from './query.ts'
import type { Result } from '@timeball/lib/result.ts'

interface FakeServer extends AsyncDisposable {
  readonly port: number
  readonly requests: Buffer[]
}

/** A UDP server on loopback that sends what `answer` says, in that order. */
async function serve(
  answer: (request: Buffer, index: number) => readonly Uint8Array[],
  host: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<FakeServer> {
  const socket = createSocket(host === '::1' ? 'udp6' : 'udp4')
  const requests: Buffer[] = []
  socket.on('message', (request: Buffer, from: RemoteInfo) => {
    requests.push(request)
    for (const reply of answer(request, requests.length - 1)) {
      socket.send(reply, from.port, from.address)
    }
  })
  socket.bind(0, host)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    requests,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function replyTo(request: Uint8Array, change: Partial<NtpPacket> = {}, aheadNs = 0n): Uint8Array {
  const asked = parsePacket(request)
  assert.ok(asked.ok)
  const stamp = stampFromUnixNs(Temporal.Now.instant().epochNanoseconds + aheadNs)
  return formatPacket({
    ...asked.value,
    mode: 4,
    stratum: 1,
    precision: -20,
    refid: 0x47505300,
    referenceStamp: stamp,
    originStamp: asked.value.transmitStamp,
    receiveStamp: stamp,
    transmitStamp: stamp,
    ...change,
  })
}

function ask(
  server: { readonly port: number },
  change: Partial<NtpQuery> = {},
): Promise<Result<NtpMeasurement, NtpFailure>> {
  const signal = AbortSignal.timeout(20_000)
  const defaults = { address: '127.0.0.1', timeoutMs: 5_000, samples: 1, signal }
  return queryNtp({ ...defaults, port: server.port, ...change })
}

function codeOf(result: Result<NtpMeasurement, NtpFailure>): string {
  return result.ok ? 'ok' : result.failure.code
}

for (const host of ['127.0.0.1', '::1'] as const) {
  test(`a server that is 2.5 s ahead is measured so at ${host}`, async () => {
    await using server = await serve((request) => [replyTo(request, {}, 2_500_000_000n)], host)
    const result = await ask(server, { address: host, samples: 4 })
    assert.ok(result.ok)
    const { offsetSeconds, errorSeconds, samples, refid } = result.value
    assert.ok(Math.abs(offsetSeconds - 2.5) <= errorSeconds)
    assert.deepEqual({ samples, refid }, { samples: 4, refid: 'GPS' })
  })
}

test('each request has a cookie of its own', async () => {
  await using server = await serve((request) => [replyTo(request)])
  await ask(server, { samples: 3 })
  assert.equal(new Set(server.requests.map((request) => request.toString('hex'))).size, 3)
})

test('forged and late replies are passed over until the real one comes', async () => {
  await using server = await serve((request) => [
    new Uint8Array(12),
    replyTo(request, { originStamp: 1n }, 9_000_000_000n),
    replyTo(request, { originStamp: 0n, stratum: 0, refid: 0x44454e59 }),
    request,
    replyTo(request),
  ])
  const result = await ask(server)
  assert.ok(result.ok)
  assert.ok(Math.abs(result.value.offsetSeconds) < 5)
})

test('a datagram of another sender is not heard', async () => {
  await using stranger = await serve(() => [])
  const other = createSocket('udp4')
  const socket = createSocket('udp4')
  socket.on('message', (request: Buffer, from: RemoteInfo) => {
    // The stranger knows even the cookie, but has another port.
    other.send(replyTo(request, {}, 9_000_000_000n), from.port, from.address, () => {
      socket.send(replyTo(request), from.port, from.address)
    })
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const result = await ask({ port: socket.address().port })
  socket.close()
  other.close()
  assert.ok(stranger.requests.length === 0)
  assert.ok(result.ok)
  assert.ok(Math.abs(result.value.offsetSeconds) < 5)
})

const answers: { name: string; change: Partial<NtpPacket>; code: string }[] = [
  { name: 'a leap alarm is unsynchronised', change: { leap: 3 }, code: 'unsynchronised' },
  { name: 'stratum 16 is unsynchronised', change: { stratum: 16 }, code: 'unsynchronised' },
  { name: 'RATE is a kiss', change: { stratum: 0, refid: 0x52415445 }, code: 'kiss' },
  {
    name: 'timestamps out of order are bogus',
    change: { transmitStamp: 1n << 60n },
    code: 'bogus',
  },
]
for (const { name, change, code } of answers) {
  test(`${name}, and it is not asked again`, async () => {
    await using server = await serve((request) => [replyTo(request, change)])
    assert.equal(codeOf(await ask(server, { samples: 4 })), code)
    assert.equal(server.requests.length, 1)
  })
}

test('a rate limit after the first sample ends the measurement with what there is', async () => {
  await using server = await serve((request, index) => [
    replyTo(request, index === 0 ? {} : { stratum: 0, refid: 0x52415445 }),
  ])
  const result = await ask(server, { samples: 8 })
  assert.ok(result.ok)
  assert.equal(result.value.samples, 1)
  assert.equal(server.requests.length, 2)
})

test('a lost packet is asked for again', async () => {
  await using server = await serve((request, index) => (index === 0 ? [] : [replyTo(request)]))
  const result = await ask(server, { samples: 2, timeoutMs: 500 })
  assert.equal(codeOf(result), 'ok')
})

test('silence is no answer, and names the port', async () => {
  await using server = await serve(() => [])
  const result = await ask(server, { timeoutMs: 30 })
  assert.ok(!result.ok)
  assert.equal(result.failure.code, 'no-answer')
  assert.match(result.failure.detail, new RegExp(`^no answer on UDP ${server.port} within 30 ms$`))
})

test('an address that this machine cannot ask at all is a failure, not a crash', async () => {
  // To broadcast needs a socket that allows it, so nothing is sent.
  assert.equal(codeOf(await ask({ port: 123 }, { address: '255.255.255.255' })), 'local')
})

test('a closed port is refused at once', async () => {
  const server = await serve(() => [])
  await server[Symbol.asyncDispose]()
  assert.equal(codeOf(await ask(server)), 'refused')
})

test('aborting ends the wait', async () => {
  const abort = new AbortController()
  await using server = await serve(() => {
    abort.abort()
    return []
  })
  assert.equal(codeOf(await ask(server, { signal: abort.signal })), 'aborted')
  assert.equal(codeOf(await ask(server, { signal: abort.signal })), 'aborted')
})

test('a name that cannot be one is a bad address', async () => {
  assert.equal(codeOf(await ask({ port: 123 }, { address: 'no_such..name' })), 'bad-address')
})

test('no datagram whatsoever makes it throw, and the real reply still counts', async () => {
  const junk = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 5 })
  const change = fc.record<Partial<NtpPacket>>(
    {
      version: fc.nat(7),
      mode: fc.nat(7),
      stratum: fc.nat(255),
      precision: fc.integer({ min: -128, max: 127 }),
      rootDelaySeconds: fc.nat(65_535),
      refid: fc.nat(0xffff_ffff),
      referenceStamp: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      receiveStamp: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      transmitStamp: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(junk, change, async (datagrams, hostile) => {
      await using server = await serve((request) => [
        ...datagrams,
        replyTo(request, hostile),
        replyTo(request, { stratum: 2 }),
      ])
      const result = await ask(server)
      assert.notEqual(codeOf(result), 'no-answer')
      if (result.ok) {
        const numbers = Object.values(result.value).filter((value) => typeof value === 'number')
        assert.ok(numbers.every(Number.isFinite))
      }
    }),
    { numRuns: 60 },
  )
})
