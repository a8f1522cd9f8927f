import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { controlClient } from './client.ts'
import type { ControlClient } from './client.ts'
import { scriptedDaemon, variablesFor } from './test/scripted-daemon.ts'
import type { Asked, Reply, ScriptedDaemon } from './test/scripted-daemon.ts'

// Captured from ntpsec 1.2.2 which followed `refclock local stratum 5 prefer`.
const system = {
  leap: '0',
  stratum: '6',
  rootdelay: '0.000',
  rootdisp: '10.044',
  refid: '127.127.1.0',
  reftime: '0xeeaf0ba0.44cc5b83',
  clock: '0xeeaf0ba2.156c6d9a',
  peer: '17767',
  tc: '0',
  offset: '0.000000',
  frequency: '-1.250000',
  sys_jitter: '0.000000',
  version: '"ntpd ntpsec-1.2.2"',
  rootdist: '10.000',
  ss_uptime: '16',
}
const peer = {
  srcadr: '127.127.1.0',
  srchost: '"LOCAL(0)"',
  stratum: '5',
  refid: 'LOCL',
  reach: '0xff',
  delay: '0.000000',
  offset: '0.000000',
  jitter: '0.000000',
}

function honest(asked: Asked): Reply[] {
  if (asked.opcode === 1) return [{ status: 0x0514, data: Buffer.from('4567961a', 'hex') }]
  const values = asked.association === 0 ? system : peer
  return [{ status: 0x0514, data: variablesFor(asked, values) }]
}

async function start(
  t: TestContext,
  script: (asked: Asked) => readonly (Reply | Uint8Array)[],
  timeoutMs = 30_000,
): Promise<{ daemon: ScriptedDaemon; client: ControlClient }> {
  const daemon = await scriptedDaemon(script)
  t.after(() => daemon.close())
  const client = controlClient({ host: '127.0.0.1', port: daemon.port, timeoutMs })
  return { daemon, client }
}

test('the system state of the captured answer is read in its units', async (t) => {
  const { client } = await start(t, honest)
  const state = await client.readSystem()
  assert.ok(state.ok)
  const { referenceAgeSeconds, ...rest } = state.value
  assert.ok(referenceAgeSeconds !== null && Math.abs(referenceAgeSeconds - 1.815) < 0.001)
  assert.deepEqual(rest, {
    status: { leap: 0, source: 5, eventCount: 1, event: 4 },
    leap: 0,
    stratum: 6,
    rootDelayMs: 0,
    rootDispersionMs: 10.044,
    rootDistanceMs: 10.044,
    refid: '127.127.1.0',
    peerAssociation: 17767,
    pollExponent: 0,
    offsetMs: 0,
    frequencyPpm: -1.25,
    jitterMs: 0,
    version: 'ntpd ntpsec-1.2.2',
    uptimeSeconds: 16,
    leapListExpiresAtSeconds: null,
  })
})

test('the peers are listed and each is asked by name', async (t) => {
  const { client, daemon } = await start(t, honest)
  const peers = await client.readPeers()
  assert.ok(peers.ok)
  assert.deepEqual(
    peers.value.peers.map((each) => [
      each.address,
      each.name,
      each.reach,
      each.refid,
      each.status.tally,
    ]),
    [['127.127.1.0', 'LOCAL(0)', 255, 'LOCL', '*']],
  )
  assert.deepEqual(
    daemon.asked.map((asked) => [asked.opcode, asked.association, asked.names.length > 0]),
    [
      [1, 0, false],
      [2, 0x4567, true],
    ],
  )
})

test('a daemon that does not know the optional names is asked again without them', async (t) => {
  const { client } = await start(t, (asked) =>
    asked.names.includes('rootdist') ? [{ isError: true, status: 0x0500 }] : honest(asked),
  )
  const state = await client.readSystem()
  assert.ok(state.ok)
  assert.equal(state.value.stratum, 6)
  assert.equal(state.value.uptimeSeconds, null)
})

test('a peer that goes away between the list and the question is left out', async (t) => {
  const { client } = await start(t, (asked) =>
    asked.association === 0 ? honest(asked) : [{ isError: true, status: 0x0400 }],
  )
  assert.deepEqual(await client.readPeers(), { ok: true, value: { peers: [], unreadPeers: 0 } })
})

test('a placeholder of a pool is not a peer', async (t) => {
  const { client } = await start(t, (asked) =>
    asked.association === 0 ? honest(asked) : [{ data: 'srcadr=0.0.0.0, refid=POOL' }],
  )
  assert.deepEqual(await client.readPeers(), { ok: true, value: { peers: [], unreadPeers: 0 } })
})

test('an answer in fragments out of order is put together', async (t) => {
  const { client } = await start(t, (asked) => {
    const text = variablesFor(asked, system)
    const first = { data: text.slice(0, 40), hasMore: true }
    return [{ data: text.slice(40), offset: 40 }, first, first]
  })
  const state = await client.readSystem()
  assert.ok(state.ok && state.value.refid === '127.127.1.0')
})

test('one lost answer is asked for again with a new sequence', async (t) => {
  let isLost = true
  const { client, daemon } = await start(
    t,
    (asked) => {
      if (!isLost) return honest(asked)
      isLost = false
      return []
    },
    150,
  )
  assert.ok((await client.readSystem()).ok)
  assert.notEqual(daemon.asked[0]?.sequence, daemon.asked[1]?.sequence)
})

for (const [name, code, script] of [
  ['silence', 'timeout', () => []],
  ['a refusal', 'refused', () => [{ isError: true, status: 0x0700 }]],
  ['an empty answer', 'malformed', () => [{}]],
  [
    'another sequence',
    'timeout',
    (asked: Asked) => [{ sequence: asked.sequence ^ 1, data: 'x=1' }],
  ],
  ['another association', 'timeout', () => [{ association: 9, data: 'leap=0' }]],
  ['an answer without its end', 'timeout', () => [{ data: 'leap=0', hasMore: true }]],
  ['a flood', 'malformed', () => Array.from({ length: 300 }, () => new Uint8Array(12))],
] as const) {
  test(`${name} is the failure "${code}", not a state`, async (t) => {
    const { client } = await start(t, script, code === 'timeout' ? 150 : 30_000)
    const state = await client.readSystem()
    assert.equal(state.ok ? 'ok' : state.failure.code, code)
  })
}

test('an address that this machine cannot ask at all is a failure, not a crash', async () => {
  // To broadcast needs a socket that allows it, so nothing is sent.
  const address = { host: '255.255.255.255', port: 123, timeoutMs: 20_000 }
  const state = await controlClient(address).readSystem()
  assert.equal(state.ok ? 'ok' : state.failure.code, 'unreachable')
})

test('a port on which nothing listens is noticed at once', async () => {
  const daemon = await scriptedDaemon(honest)
  await daemon.close()
  const client = controlClient({ host: '127.0.0.1', port: daemon.port, timeoutMs: 10_000 })
  const state = await client.readSystem()
  assert.equal(state.ok ? 'ok' : state.failure.code, 'no-listener')
})

test('a list of thousands of peers is cut', async (t) => {
  const { client, daemon } = await start(t, (asked) =>
    asked.opcode === 1 ? [{ data: Buffer.alloc(4 * 5000, 1) }] : honest(asked),
  )
  assert.ok((await client.readPeers()).ok)
  assert.equal(daemon.asked.length, 65)
})

test('no answer at all makes the client throw', async (t) => {
  let replies: (Reply | Uint8Array)[] = []
  const daemon = await scriptedDaemon(() => replies)
  t.after(() => daemon.close())
  const client = controlClient({
    host: '127.0.0.1',
    port: daemon.port,
    timeoutMs: 5,
    attempts: 1,
  })
  const data = fc.uint8Array({ maxLength: 500 })
  const reply = fc.record({
    status: fc.integer({ min: 0, max: 0xffff }),
    data,
    offset: fc.nat({ max: 600 }),
    hasMore: fc.boolean(),
    isError: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(data, reply), { maxLength: 4 }), async (script) => {
      replies = script
      assert.equal(typeof (await client.readSystem()).ok, 'boolean')
      assert.equal(typeof (await client.readPeers()).ok, 'boolean')
    }),
    { numRuns: 60 },
  )
})

test('of too many peers the selected one is read, wherever it stands, and the rest is counted', async (t) => {
  const list = Buffer.alloc(71 * 4)
  for (let index = 0; index < 71; index += 1) {
    list.writeUInt16BE(index + 1, index * 4)
    list.writeUInt16BE(index === 70 ? 0x961a : 0x901a, index * 4 + 2)
  }
  const { client } = await start(t, (asked) => {
    if (asked.opcode === 1) return [{ status: 0x0514, data: list }]
    return [{ status: 0x0514, data: variablesFor(asked, peer) }]
  })
  const peers = await client.readPeers()
  assert.ok(peers.ok)
  assert.deepEqual([peers.value.peers.length, peers.value.unreadPeers], [64, 7])
  assert.equal(peers.value.peers.at(-1)?.status.tally, '*')
})
