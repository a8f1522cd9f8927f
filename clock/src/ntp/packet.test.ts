import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  clientRequest,
  formatPacket,
  packetBytes,
  parsePacket,
  stampFromUnixNs,
  unixNsFromStamp,
  type NtpPacket,
} from './packet.ts'

const cookie = 0x0123456789abcdefn

/** Recorded on loopback from ntpd (ntpsec 1.2.2) four seconds after its start, in orphan mode. */
const orphanReply =
  '240a00e800000000000000007f00000100000000000000000123456789abcdefeeaf0f36a0cdd6e2eeaf0f36a0d5d945'
/** The same daemon in its first second: leap alarm, stratum 0, INIT. */
const initReply =
  'e40000e80000000000000000494e495400000000000000000123456789abcdefeeaf0f32775c5bcaeeaf0f32778fc6ba'

const orphan: NtpPacket = {
  leap: 0,
  version: 4,
  mode: 4,
  stratum: 10,
  poll: 0,
  precision: -24,
  rootDelaySeconds: 0,
  rootDispersionSeconds: 0,
  refid: 0x7f000001,
  referenceStamp: 0n,
  originStamp: cookie,
  receiveStamp: 0xeeaf0f36a0cdd6e2n,
  transmitStamp: 0xeeaf0f36a0d5d945n,
}
const init: NtpPacket = {
  ...orphan,
  leap: 3,
  stratum: 0,
  refid: 0x494e4954,
  receiveStamp: 0xeeaf0f32775c5bcan,
  transmitStamp: 0xeeaf0f32778fc6ban,
}

for (const { name, hex, packet } of [
  { name: 'a served reply', hex: orphanReply, packet: orphan },
  { name: 'a leap alarm', hex: initReply, packet: init },
]) {
  test(`${name} of ntpsec is read and written byte for byte`, () => {
    assert.deepEqual(parsePacket(Buffer.from(hex, 'hex')), { ok: true, value: packet })
    assert.equal(Buffer.from(formatPacket(packet)).toString('hex'), hex)
  })
}

test('a request tells nothing but version, mode and the cookie', () => {
  const expected = `23${'00'.repeat(39)}0123456789abcdef`
  assert.equal(Buffer.from(clientRequest(cookie)).toString('hex'), expected)
})

test('root delay and dispersion are 16.16 fixed point', () => {
  const packet = { ...orphan, rootDelaySeconds: 1.5, rootDispersionSeconds: 1 / 65_536 }
  const hex = Buffer.from(formatPacket(packet)).toString('hex')
  assert.equal(hex.slice(8, 24), '0001800000000001')
})

test('every datagram of 48 bytes is a packet and is written back as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: packetBytes, maxLength: 600 }), (bytes) => {
      const parsed = parsePacket(bytes)
      assert.ok(parsed.ok)
      assert.deepEqual(formatPacket(parsed.value), bytes.slice(0, packetBytes))
    }),
  )
})

test('a datagram below 48 bytes is refused', () => {
  assert.deepEqual(parsePacket(new Uint8Array(47)), {
    ok: false,
    failure: '47 bytes instead of 48',
  })
})

test('a stamp is the instant nearest to now, on both sides of the era change of 2036', () => {
  const eraEndNs = 2_085_978_496n * 1_000_000_000n // 2036-02-07T06:28:16Z
  assert.equal(stampFromUnixNs(eraEndNs), 0n)
  assert.equal(stampFromUnixNs(eraEndNs - 1_000_000_000n), 0xffffffffn << 32n)
  assert.equal(unixNsFromStamp(1n << 32n, eraEndNs - 5n), eraEndNs + 1_000_000_000n)
  assert.equal(unixNsFromStamp(0xffffffffn << 32n, eraEndNs + 5n), eraEndNs - 1_000_000_000n)
})

test('the stamps of the recorded reply are the time at which it was recorded', () => {
  const near = 1_795_461_000_000_000_000n
  assert.equal(unixNsFromStamp(orphan.receiveStamp, near), 1_795_461_302_628_140_860n)
})

test('a time survives the wire to the nanosecond, seen from up to 60 years away', () => {
  const sixtyYearsNs = 60n * 365n * 86_400n * 1_000_000_000n
  const instant = fc.bigInt({ min: 0n, max: 10_000_000_000_000_000_000n })
  const away = fc.bigInt({ min: -sixtyYearsNs, max: sixtyYearsNs })
  fc.assert(
    fc.property(instant, away, (unixNs, awayNs) => {
      const near = unixNs + awayNs
      fc.pre(near >= 0n)
      assert.equal(unixNsFromStamp(stampFromUnixNs(unixNs), near), unixNs)
    }),
  )
})
