import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isSignedWith, signPacket, type SymmetricKey } from './message-code.ts'
import { sweepNtp } from './sweep.ts'
import type { SweepOptions, SweepTarget, Swept } from './target.ts'
import { refidOf, replyTo, scriptedServer, type Behaviour } from './test/scripted-server.ts'

const signal = new AbortController().signal
const quick: SweepOptions = { timeoutMs: 1_000, sendsPerSecond: 5_000, signal }
/** Where everything is answered, however busy the machine is. */
const patient: SweepOptions = { ...quick, timeoutMs: 30_000 }

function target(
  server: { readonly address: string; readonly port: number },
  change: Partial<SweepTarget> = {},
): SweepTarget {
  const { address, port } = server
  return { address, port, samples: 4, spacingMs: 5, key: null, ...change }
}

/** Sweeps one server that behaves so. */
async function sweepOne(
  behaviour: Behaviour,
  change: Partial<SweepTarget> = {},
  options: SweepOptions = quick,
): Promise<Swept & { readonly requests: number }> {
  await using server = await scriptedServer(behaviour)
  const { servers } = await sweepNtp([target(server, change)], options)
  const [swept] = servers
  assert.ok(swept)
  return { ...swept, requests: server.requests.length }
}

test('many servers are measured at once, each with its own offset', async () => {
  const aheads = Array.from({ length: 40 }, (_, index) => (index - 20) / 10)
  await using stack = new AsyncDisposableStack()
  const servers = await Promise.all(
    aheads.map(async (aheadSeconds) => stack.use(await scriptedServer({ aheadSeconds }))),
  )
  const sweep = await sweepNtp(
    servers.map((server) => target(server)),
    patient,
  )
  sweep.servers.forEach(({ result, sent, answered }, index) => {
    assert.ok(result.ok, JSON.stringify(result))
    const { offsetSeconds, errorSeconds } = result.value
    assert.ok(Math.abs(offsetSeconds - (aheads[index] ?? 0)) <= errorSeconds)
    assert.deepEqual([sent, answered], [4, 4])
  })
})

test('IPv6 is measured beside IPv4', async () => {
  await using four = await scriptedServer({ aheadSeconds: 1 })
  await using six = await scriptedServer({ aheadSeconds: 2 }, '::1')
  const spelled = { address: '0:0:0:0:0:0:0:1', port: six.port }
  const { servers } = await sweepNtp([target(four), target(spelled)], patient)
  const offsets = servers.map(({ result }) =>
    result.ok ? Math.round(result.value.offsetSeconds) : null,
  )
  assert.deepEqual(offsets, [1, 2])
})

test('every request has a random transmit timestamp and tells nothing else', async () => {
  await using server = await scriptedServer()
  await sweepNtp([target(server, { samples: 8 })], patient)
  const tails = server.requests.map((request) => Buffer.from(request).toString('hex'))
  assert.equal(new Set(tails).size, 8)
  for (const tail of tails) assert.match(tail, /^23(?:00){39}[0-9a-f]{16}$/)
})

test('a kiss-o-death ends the questions to that server', async () => {
  for (const code of ['RATE', 'DENY', 'RSTR']) {
    const swept = await sweepOne(
      { packet: { stratum: 0, leap: 3, refid: refidOf(code) } },
      { spacingMs: 100, samples: 8 },
    )
    assert.equal(swept.kiss, code)
    assert.ok(!swept.result.ok && swept.result.failure.code === 'kiss')
    assert.equal(swept.requests, 1)
  }
})

test('a server that limits after the first answers has been measured', async () => {
  let asked = 0
  const kissed = { stratum: 0, refid: refidOf('RATE') }
  const swept = await sweepOne(
    { datagrams: (request, good) => [asked++ < 2 ? good : replyTo(request, { packet: kissed })] },
    { spacingMs: 40, samples: 8 },
  )
  assert.ok(swept.result.ok)
  assert.deepEqual([swept.result.value.samples, swept.kiss, swept.requests], [2, 'RATE', 3])
})

test('an answer from another address than the one asked is noticed and not believed', async () => {
  const swept = await sweepOne({ answersFromElsewhere: true })
  assert.ok(!swept.result.ok && swept.result.failure.code === 'no-answer')
  assert.match(swept.stranger ?? '', /^127\.0\.0\.1:\d+$/)
  assert.equal(swept.answered, 0)
})

test('a server without time says so', async () => {
  const swept = await sweepOne({ packet: { leap: 3, stratum: 16, refid: refidOf('1.2.3.4') } })
  assert.ok(!swept.result.ok && swept.result.failure.code === 'unsynchronised')
  assert.deepEqual(swept.unsynchronised, { leap: 3, stratum: 16, refid: '1.2.3.4' })
})

test('lost packets are counted, and the rest is used', async () => {
  const swept = await sweepOne({ loses: (index) => index % 2 === 1 })
  assert.ok(swept.result.ok)
  assert.deepEqual([swept.sent, swept.answered, swept.result.value.samples], [4, 2, 2])
})

test('a duplicate, a replay and a guess change nothing', async () => {
  const wrong = { aheadSeconds: 9 }
  const swept = await sweepOne({
    datagrams: (request, good) => [
      replyTo(request, { ...wrong, packet: { originStamp: 1n } }),
      replyTo(request, { ...wrong, packet: { mode: 3 } }),
      good,
      replyTo(request, wrong),
      good,
    ],
  })
  assert.ok(swept.result.ok)
  assert.ok(Math.abs(swept.result.value.offsetSeconds) < 1)
  assert.deepEqual([swept.answered, swept.result.value.samples], [4, 4])
})

test('a flood of junk from one server takes nothing from the others', async () => {
  const junk = Array.from({ length: 200 }, (_, index) => randomBytes(index))
  await using hostile = await scriptedServer({ datagrams: () => junk })
  await using good = await scriptedServer({ aheadSeconds: 3 })
  const { servers } = await sweepNtp([target(hostile), target(good)], quick)
  assert.deepEqual(
    servers.map(({ result }) =>
      result.ok ? Math.round(result.value.offsetSeconds) : result.failure.code,
    ),
    ['no-answer', 3],
  )
})

test('every mutation of a reply is measured or refused', async () => {
  let turn = 0
  const swept = await sweepOne(
    {
      datagrams: (_, good) => {
        const changed = Uint8Array.from(good)
        const bit = (turn * 7) % (good.byteLength * 8)
        turn += 1
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return [changed]
      },
    },
    { samples: 400, spacingMs: 1 },
  )
  assert.ok(swept.sent >= 1)
})

test('a server that tells 1024 weeks ago is measured as that', async () => {
  const weeks = -1_024 * 604_800
  const swept = await sweepOne({ aheadSeconds: weeks })
  assert.ok(swept.result.ok)
  const { offsetSeconds, errorSeconds } = swept.result.value
  assert.ok(Math.abs(offsetSeconds - weeks) <= errorSeconds)
})

test('silence is told after the time-out of the last request', async () => {
  const swept = await sweepOne({ loses: () => true })
  assert.ok(!swept.result.ok)
  assert.match(swept.result.failure.detail, /no answer on UDP \d+ within 1000 ms \(asked 4 times\)/)
})

test('an aborted sweep ends at once and says so', async () => {
  const abort = new AbortController()
  await using server = await scriptedServer({
    loses: () => {
      abort.abort()
      return true
    },
  })
  const options = { ...quick, timeoutMs: 3_600_000, signal: abort.signal }
  const { servers } = await sweepNtp([target(server)], options)
  assert.ok(servers[0]?.result.ok === false && servers[0].result.failure.code === 'aborted')
})

test('no targets are no servers', async () => {
  assert.deepEqual((await sweepNtp([], quick)).servers, [])
})

const key: SymmetricKey = { id: 5, algorithm: 'AES', secret: randomBytes(16) }

test('with a key the request is signed, and only a signed reply counts', async () => {
  const signing: Behaviour = {
    datagrams: (request, good) => (isSignedWith(request, key) ? [signPacket(good, key)] : [good]),
  }
  const signed = await sweepOne(signing, { key })
  assert.ok(signed.result.ok)
  const other = await sweepOne(signing, { key: { ...key, secret: randomBytes(16) } })
  assert.ok(!other.result.ok)
  assert.deepEqual(other.result.failure, {
    code: 'bogus',
    detail: 'the reply is not signed with key 5',
  })
})
