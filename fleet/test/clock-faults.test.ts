/** Every fault that a sweep has to name, made by scripted servers on loopback and found by packets. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import {
  refidOf,
  replyTo,
  scriptedServer,
  type Behaviour,
} from '@timeball/clock/sweep/test/scripted-server.ts'
import { sparingStrangers } from '../src/app/spare-strangers.ts'
import { sweepClocks, type ClockSweep } from '../src/app/sweep-clocks.ts'
import type { ClockFaultName, ClockJudgement, ClockVerdict } from '../src/core/clock/server.ts'
import { clockWorld } from '../src/main/sweep.ts'
import { openSampleStore } from '../src/stores/sqlite/sample-store.ts'
import { fleetOf } from './make-fleet.ts'

const signal = new AbortController().signal
/** It knows of no leap second to come. */
const noLeap: LeapSeconds = { expiresUnixSeconds: 4e9, changes: [] }

interface Rig extends AsyncDisposable {
  /** `startedUnixMs`: when it is said to have been; now when left out. */
  sweep(leaps?: LeapSeconds, startedUnixMs?: number): Promise<ClockSweep>
  behave(name: string, behaviour: Behaviour): void
  address(name: string): string
}

let block = 0

/** A fleet of stratum 1 servers, unless the behaviour says something else; with a store. */
async function rigOf(
  behaviours: Readonly<Record<string, Behaviour>>,
  settings = '',
  variable: (name: string) => string = () => 'gps_enabled: yes',
): Promise<Rig> {
  block += 1
  const servers = new Map<string, Awaited<ReturnType<typeof scriptedServer>>>()
  for (const [name, behaviour] of Object.entries(behaviours)) {
    const address = `127.77.${block}.${servers.size + 1}`
    servers.set(name, await scriptedServer(behaviour, address))
  }
  const hosts = [...servers].map(
    ([name, { address, port }]) =>
      `        ${name}: { ansible_host: ${address}, ntp_port: ${port}, ${variable(name)} }\n`,
  )
  const fleet = fleetOf(
    `all:\n  children:\n    stratum1:\n      hosts:\n${hosts.join('')}`,
    settings,
  )
  const outside = clockWorld({ timeoutMs: 1_000, key: null })
  const store = await openSampleStore(':memory:')
  return {
    sweep: (leaps = noLeap, startedUnixMs) =>
      sweepClocks(
        fleet,
        {
          ...outside,
          leapSeconds: () => Promise.resolve(leaps),
          async sweepClocks(targets, cut) {
            const answers = await outside.sweepClocks(targets, cut)
            return { ...answers, startedUnixMs: startedUnixMs ?? answers.startedUnixMs }
          },
        },
        store,
        signal,
      ),
    behave(name, behaviour) {
      const server = servers.get(name)
      assert.ok(server)
      server.behaviour = behaviour
    },
    address: (name) => servers.get(name)?.address ?? '',
    async [Symbol.asyncDispose]() {
      await store.close()
      await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

const good: Behaviour = {}

/** On a machine that is busy with other tests a sweep can be too coarse to tell: then again. */
async function fineSweep(rig: Rig, rootDistanceSeconds: number): Promise<ClockSweep> {
  for (let tries = 1; tries < 50; tries += 1) {
    const sweep = await rig.sweep()
    const results = sweep.judgements.map(({ server }) => server.swept.result)
    const isFine = results.every(
      (each) => each.ok && each.value.rootDistanceSeconds < rootDistanceSeconds,
    )
    if (isFine) return sweep
  }
  return await rig.sweep()
}
const threeGood = { 'good-1': good, 'good-2': good, 'good-3': good }

function of(sweep: ClockSweep, name: string): ClockJudgement {
  const judgement = sweep.judgements.find(({ server }) => server.name === name)
  assert.ok(judgement)
  return judgement
}

function verdicts(sweep: ClockSweep): ClockVerdict[] {
  return sweep.judgements.map(({ verdict }) => verdict)
}

for (const aheadSeconds of [0.005, -0.005, 0.05, 1]) {
  test(`a server that is off by ${aheadSeconds} s is named, and its size within the stated error`, async () => {
    await using rig = await rigOf({ ...threeGood, bad: { aheadSeconds } })
    // Then the intervals of the good ones and of the bad one cannot meet.
    const sweep = await fineSweep(rig, Math.abs(aheadSeconds) / 2.5)
    const { verdict, offsetSeconds, errorSeconds, faults } = of(sweep, 'bad')
    assert.equal(verdict, 'falseticker')
    assert.equal(faults[0]?.fault, 'falseticker')
    assert.ok(offsetSeconds !== null && errorSeconds !== null)
    assert.ok(Math.abs(offsetSeconds - aheadSeconds) <= errorSeconds)
    assert.deepEqual(verdicts(sweep).slice(0, 3), ['truechimer', 'truechimer', 'truechimer'])
  })
}

test("this machine's clock being wrong changes no verdict and no offset", async () => {
  const late = { aheadSeconds: -3_600 }
  await using rig = await rigOf({ a: late, b: late, c: late, bad: { aheadSeconds: -3_599.95 } })
  const sweep = await rig.sweep()
  assert.deepEqual(verdicts(sweep), ['truechimer', 'truechimer', 'truechimer', 'falseticker'])
  const { offsetSeconds, errorSeconds } = of(sweep, 'bad')
  assert.ok(Math.abs((offsetSeconds ?? 0) - 0.05) <= (errorSeconds ?? 0))
  assert.ok(sweep.time.kind === 'decided' && Math.abs(sweep.time.centre + 3_600) < 0.1)
})

test('two of four that are wrong by the same amount are undecidable, and the sweep says so', async () => {
  const wrong = { aheadSeconds: 0.5 }
  await using rig = await rigOf({ 'good-1': good, 'good-2': good, 'bad-1': wrong, 'bad-2': wrong })
  const sweep = await rig.sweep()
  assert.deepEqual(new Set(verdicts(sweep)), new Set(['undecidable']))
  assert.ok(sweep.time.kind === 'undecidable')
  assert.match(sweep.time.why, /4 independent votes are split/)
})

test('one server alone, and two that differ, are undecidable', async () => {
  await using alone = await rigOf({ one: good })
  assert.deepEqual(verdicts(await alone.sweep()), ['undecidable'])
  await using two = await rigOf({ one: good, other: { aheadSeconds: 1 } })
  assert.deepEqual(verdicts(await two.sweep()), ['undecidable', 'undecidable'])
})

test('a reference gives the vote that is missing', async () => {
  await using rig = await rigOf(
    { one: good, other: { aheadSeconds: 1 } },
    'clock: { references: [controller] }',
  )
  assert.deepEqual(verdicts(await rig.sweep()).slice(0, 2), ['truechimer', 'falseticker'])
})

test('any number of followers of one server have its one vote', async () => {
  await using rig = await rigOf({
    root: { aheadSeconds: 1 },
    a: good,
    b: good,
    f1: {},
    f2: {},
    f3: {},
  })
  const packet = { stratum: 2, refid: refidOf(rig.address('root')) }
  for (const name of ['f1', 'f2', 'f3']) rig.behave(name, { aheadSeconds: 1, packet })
  const sweep = await rig.sweep()
  assert.ok(sweep.time.kind === 'decided')
  assert.deepEqual([sweep.time.votes, sweep.time.agreeing], [3, 2])
  assert.deepEqual(verdicts(sweep), [
    'falseticker',
    'truechimer',
    'truechimer',
    'falseticker',
    'falseticker',
    'falseticker',
  ])
})

test('of the followers of one unknown source the one that differs is named, the others not', async () => {
  const packet = { stratum: 2, refid: refidOf('192.0.2.1') }
  await using rig = await rigOf({
    a: { packet },
    b: { packet },
    c: { packet },
    bad: { packet, aheadSeconds: 0.2 },
  })
  const sweep = await rig.sweep()
  assert.deepEqual(verdicts(sweep), ['undecidable', 'undecidable', 'undecidable', 'falseticker'])
})

test('receivers of one model, as the inventory names it, are one vote', async () => {
  const wrong = { aheadSeconds: 2 }
  await using rig = await rigOf(
    { w1: wrong, w2: wrong, w3: wrong, g1: good, g2: good },
    '',
    (name) => (name.startsWith('w') ? 'gps_model: u-blox 8' : 'gps_model: L76'),
  )
  const { time } = await rig.sweep()
  assert.ok(time.kind === 'undecidable' && time.votes === 2)
})

interface FaultCase {
  readonly name: string
  readonly behaviour: Behaviour
  readonly fault: ClockFaultName
  readonly verdict: ClockVerdict
  readonly text: RegExp
}

const cases: readonly FaultCase[] = [
  {
    name: 'a server that reports itself synchronised and is off',
    behaviour: { aheadSeconds: 1 },
    fault: 'claims-sync',
    verdict: 'falseticker',
    text: /reports itself synchronised, but is off by (?:1\.0\d|99\d) m?s/,
  },
  {
    name: 'a receiver that is 1024 weeks in the past',
    behaviour: { aheadSeconds: -1_024 * 604_800 },
    fault: 'week-rollover',
    verdict: 'falseticker',
    text: /off by -1024 weeks/,
  },
  {
    name: 'leap 3',
    behaviour: { packet: { leap: 3, stratum: 16 } },
    fault: 'unsynchronised',
    verdict: 'unsynchronised',
    text: /leap 3, stratum 16/,
  },
  {
    name: 'a kiss-o-death',
    behaviour: { packet: { stratum: 0, refid: refidOf('DENY') } },
    fault: 'kiss',
    verdict: 'undecidable',
    text: /kiss-o'-death DENY/,
  },
  {
    name: 'an answer from another address',
    behaviour: { answersFromElsewhere: true },
    fault: 'wrong-source',
    verdict: 'invalid',
    text: /answers from 127\.77\.\d+\.\d+:\d+, not/,
  },
  {
    name: 'silence',
    behaviour: { loses: () => true },
    fault: 'no-answer',
    verdict: 'unreachable',
    text: /asked 4 times/,
  },
  {
    name: 'half of the packets lost',
    behaviour: { loses: (index) => index % 2 === 0 },
    fault: 'packet-loss',
    verdict: 'truechimer',
    text: /lost 2 of 4 packets/,
  },
  {
    name: 'holdover',
    behaviour: { referenceAgeSeconds: 1_500, packet: { rootDispersionSeconds: 0.0235 } },
    fault: 'holdover',
    verdict: 'truechimer',
    text: /not set for 25 min, its error grows \(23\.5 ms\)/,
  },
  {
    name: 'a leap flag that differs',
    behaviour: { packet: { leap: 1 } },
    fault: 'leap-differs',
    verdict: 'truechimer',
    text: /announces a second more, the others none/,
  },
  {
    name: 'a leap second that is not in the list',
    behaviour: { packet: { leap: 2 } },
    fault: 'leap-announcement',
    verdict: 'truechimer',
    text: /announces a second less, but the month ends with none/,
  },
  {
    name: 'more than clients accept between it and a reference',
    behaviour: { packet: { rootDispersionSeconds: 3 } },
    fault: 'invalid',
    verdict: 'invalid',
    text: /root distance 3\.00 s: clients reject it/,
  },
  {
    name: 'timestamps that contradict each other',
    behaviour: {
      datagrams: (request) => [replyTo(request, { packet: { receiveStamp: 1n << 40n } })],
    },
    fault: 'invalid',
    verdict: 'invalid',
    text: /contradict each other/,
  },
  {
    name: 'a server that follows only itself',
    behaviour: { packet: { stratum: 6, refid: refidOf('127.127.1.0') } },
    fault: 'local-reference',
    verdict: 'unsynchronised',
    text: /only its own clock/,
  },
  {
    name: 'an offset within an error bound that is too wide',
    behaviour: { aheadSeconds: 0.05, packet: { rootDispersionSeconds: 0.5 } },
    fault: 'offset',
    verdict: 'truechimer',
    text: /off by \+\d+\.\d ms ± .*, within its wide error bound/,
  },
  {
    name: 'a stratum 1 that has lost its reference clock',
    behaviour: { packet: { stratum: 3, refid: refidOf('192.0.2.7') } },
    fault: 'stratum-jump',
    verdict: 'truechimer',
    text: /stratum 3: it should be 1/,
  },
]

for (const { name, behaviour, fault, verdict, text } of cases) {
  test(`named in one sweep: ${name}`, async () => {
    await using rig = await rigOf({ ...threeGood, bad: behaviour })
    const sweep = await rig.sweep()
    const judged = of(sweep, 'bad')
    assert.equal(judged.verdict, verdict)
    const found = judged.faults.find((each) => each.fault === fault)
    assert.match(found?.text ?? `no ${fault}: ${JSON.stringify(judged.faults)}`, text)
    for (const other of ['good-1', 'good-2', 'good-3']) {
      assert.equal(of(sweep, other).verdict, 'truechimer')
      assert.deepEqual(of(sweep, other).faults, [])
    }
  })
}

test('a server that answers a few requests and then no more limits the rate', async () => {
  await using rig = await rigOf({ ...threeGood, limited: { loses: (index) => index > 1 } })
  assert.deepEqual(of(await rig.sweep(), 'limited').faults, [])
})

test('a leap second that is in the list and not announced is missing', async () => {
  await using rig = await rigOf(threeGood)
  const monthEndMs = Date.UTC(2027, 0, 1)
  const changes = [
    { atUnixSeconds: 0, taiOffset: 37 },
    { atUnixSeconds: monthEndMs / 1000, taiOffset: 38 },
  ]
  const sweep = await rig.sweep({ ...noLeap, changes }, monthEndMs - 3_600_000)
  assert.deepEqual(
    sweep.judgements.map(({ faults }) => faults.map(({ fault }) => fault)),
    [['leap-announcement'], ['leap-announcement'], ['leap-announcement']],
  )
})

test('a stratum that jumped, and an error that grows, are seen against the sweep before', async () => {
  await using rig = await rigOf(threeGood)
  await rig.sweep()
  rig.behave('good-1', { packet: { stratum: 4, refid: refidOf('192.0.2.9') } })
  rig.behave('good-2', { referenceAgeSeconds: 600, packet: { rootDispersionSeconds: 0.01 } })
  const sweep = await rig.sweep()
  assert.match(of(sweep, 'good-1').faults[0]?.text ?? '', /stratum went from 1 to 4/)
  assert.match(
    of(sweep, 'good-2').faults[0]?.text ?? '',
    /not set for 10 min, its error grows \(9\.99 ms, was 1\.0\d ms\)/,
  )
})

test('servers that follow each other in a circle have no vote, and are named', async () => {
  await using rig = await rigOf({ ...threeGood, x: {}, y: {}, z: {} })
  const following = (name: string): Behaviour => ({
    packet: { stratum: 3, refid: refidOf(rig.address(name)) },
  })
  rig.behave('x', following('y'))
  rig.behave('y', following('x'))
  rig.behave('z', following('x'))
  const sweep = await rig.sweep()
  assert.equal(of(sweep, 'x').faults[0]?.text, 'upstream loop: x → y → x')
  assert.equal(of(sweep, 'z').faults[0]?.text, 'follows an upstream loop: x → y → x')
  assert.ok(sweep.time.kind === 'decided' && sweep.time.votes === 3)
})

test('a reference that denies us is not asked again, not even by the next program', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'timeball-clock-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const denying = { packet: { stratum: 0, refid: refidOf('DENY') } }
  await using device = await scriptedServer(good, '127.78.0.1')
  await using reference = await scriptedServer(denying, '127.78.0.2')
  const fleet = fleetOf(
    `all: { hosts: { pi: { ansible_host: ${device.address}, ntp_port: ${device.port} } } }`,
    `clock: { references: ['${reference.address}:${reference.port}'] }`,
  )
  const texts: string[] = []
  for (let program = 0; program < 3; program += 1) {
    const world = clockWorld({ timeoutMs: 1_000, key: null })
    const sweepers = sparingStrangers(world, {
      held: new Map(),
      now: () => ({ atMs: performance.now(), wallAheadNs: 0n }),
      openSamples: () => openSampleStore(join(folder, 'clock.db')),
      say: assert.fail,
    })
    // As health and apply do it: without a store for what they measure.
    const sweep = await sweepClocks(fleet, { ...world, sweepClocks: sweepers }, null, signal)
    const { faults } = of(sweep, `${reference.address}:${reference.port}`)
    texts.push(faults.map(({ text }) => text).join())
  }
  assert.equal(reference.requests.length, 1)
  assert.ok(device.requests.length > 4)
  assert.match(texts[0] ?? '', /^kiss-o'-death DENY/)
  for (const text of texts.slice(1)) assert.match(text, /no longer asked: take it out of clock/)
})
