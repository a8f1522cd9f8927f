import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { measurementOf, type Accepted } from './measurement.ts'
import { stampFromUnixNs, type NtpPacket } from './packet.ts'
import { checkReply, sampleOf } from './sample.ts'

const cookie = 77n
const nowNs = 1_795_461_302_000_000_000n

/** A good reply whose server's clock is `offsetNs` ahead, after `outNs` on the way there. */
function reply(change: Partial<NtpPacket> = {}): NtpPacket {
  return {
    leap: 0,
    version: 4,
    mode: 4,
    stratum: 1,
    poll: 6,
    precision: -20,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0.001,
    refid: 0x50505300,
    referenceStamp: stampFromUnixNs(nowNs - 8_000_000_000n),
    originStamp: cookie,
    receiveStamp: stampFromUnixNs(nowNs),
    transmitStamp: stampFromUnixNs(nowNs),
    ...change,
  }
}

function timed(offsetNs: bigint, outNs: bigint, backNs: bigint): Accepted {
  const packet = reply({
    receiveStamp: stampFromUnixNs(nowNs + offsetNs + outNs),
    transmitStamp: stampFromUnixNs(nowNs + offsetNs + outNs + 50_000n),
  })
  const exchange = { sentUnixNs: nowNs, heardUnixNs: nowNs + outNs + 50_000n + backNs }
  const sample = sampleOf(packet, exchange)
  assert.ok(sample !== null)
  return { packet, exchange, sample }
}

const cases: { name: string; change: Partial<NtpPacket>; kind: string; says?: string }[] = [
  { name: 'a good reply counts', change: {}, kind: 'usable' },
  { name: 'a reply of version 3 counts', change: { version: 3 }, kind: 'usable' },
  { name: 'an announced leap second counts', change: { leap: 1 }, kind: 'usable' },
  { name: 'another origin is not our reply', change: { originStamp: 78n }, kind: 'ignored' },
  { name: 'an origin of zero is not our reply', change: { originStamp: 0n }, kind: 'ignored' },
  { name: 'our own request, reflected, is no reply', change: { mode: 3 }, kind: 'ignored' },
  { name: 'a broadcast is no reply', change: { mode: 5 }, kind: 'ignored' },
  { name: 'a control message is no reply', change: { mode: 6 }, kind: 'ignored' },
  { name: 'version 0 is no reply', change: { version: 0 }, kind: 'ignored' },
  {
    name: 'a forged kiss does not count',
    change: { originStamp: 1n, stratum: 0 },
    kind: 'ignored',
  },
  { name: 'RATE is a kiss', change: { stratum: 0, refid: 0x52415445 }, kind: 'kiss' },
  { name: 'DENY is a kiss', change: { stratum: 0, refid: 0x44454e59 }, kind: 'kiss' },
  {
    name: 'INIT is a server that has no time yet',
    change: { stratum: 0, leap: 3, refid: 0x494e4954 },
    kind: 'unsynchronised',
    says: 'stratum 0, INIT',
  },
  {
    name: 'a leap alarm has no time to give, whatever the stratum',
    change: { leap: 3, stratum: 1 },
    kind: 'unsynchronised',
    says: 'leap alarm, stratum 1',
  },
  { name: 'stratum 16 is not synchronised', change: { stratum: 16 }, kind: 'unsynchronised' },
  { name: 'stratum 255 is not synchronised', change: { stratum: 255 }, kind: 'unsynchronised' },
  { name: 'no transmit time', change: { transmitStamp: 0n }, kind: 'unsynchronised' },
]
for (const { name, change, kind, says } of cases) {
  test(name, () => {
    const check = checkReply(reply(change), cookie)
    assert.equal(check.kind, kind)
    if (says !== undefined) assert.equal('why' in check ? check.why : null, says)
  })
}

test('on a symmetric path the offset is exact, whatever the delay', () => {
  const offset = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
  const way = fc.bigInt({ min: 1_000n, max: 1_000_000_000n })
  fc.assert(
    fc.property(offset, way, (offsetNs, wayNs) => {
      const { sample } = timed(offsetNs, wayNs, wayNs)
      const slack = 3e-9 + Math.abs(Number(offsetNs)) * 1e-24
      assert.ok(Math.abs(sample.offsetSeconds - Number(offsetNs) / 1e9) <= slack)
      assert.ok(
        Math.abs(sample.delaySeconds - Math.max(Number(2n * wayNs) / 1e9, 2 ** -20)) <= 3e-9,
      )
    }),
  )
})

test('however asymmetric the path, the true offset is within the error', () => {
  const way = fc.bigInt({ min: 0n, max: 3_000_000_000n })
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      way,
      way,
      (offset, out, back) => {
        const measurement = measurementOf([timed(offset, out, back)])
        assert.ok(measurement !== null)
        const missed = Math.abs(measurement.offsetSeconds - Number(offset) / 1e9)
        assert.ok(missed <= measurement.errorSeconds)
        assert.ok(measurement.errorSeconds <= measurement.rootDistanceSeconds + 1e-9)
      },
    ),
  )
})

test('a GPS receiver that lost 1024 weeks is measured as that', () => {
  const { sample } = timed(-1024n * 7n * 86_400n * 1_000_000_000n, 100_000n, 100_000n)
  assert.ok(Math.abs(sample.offsetSeconds + 619_315_200) < 1e-6)
})

test('a server that answers before it was asked is not believed', () => {
  const packet = reply({ transmitStamp: stampFromUnixNs(nowNs - 2_000_000n) })
  assert.equal(sampleOf(packet, { sentUnixNs: nowNs, heardUnixNs: nowNs + 9_000_000n }), null)
})

test('a server that worked longer than the exchange took is not believed', () => {
  const packet = reply({ transmitStamp: stampFromUnixNs(nowNs + 900_000_000n) })
  assert.equal(sampleOf(packet, { sentUnixNs: nowNs, heardUnixNs: nowNs + 9_000_000n }), null)
})

test('the sample with the lowest delay decides', () => {
  const late = timed(5_000_000n, 40_000_000n, 100_000n)
  const best = timed(5_000_000n, 100_000n, 100_000n)
  const measurement = measurementOf([late, best, late])
  assert.ok(measurement !== null)
  assert.equal(measurement.samples, 3)
  assert.ok(Math.abs(measurement.offsetSeconds - 0.005) < 1e-8)
  assert.ok(measurement.jitterSeconds > 0.01)
  assert.equal(measurement.refid, 'PPS')
  assert.ok(Math.abs((measurement.referenceAgeSeconds ?? 0) - 8.00515) < 1e-6)
})

test('no sample is no measurement', () => {
  assert.equal(measurementOf([]), null)
})
