import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatHostPort, ipFamily, isAddress, isHostName, parseHostPort } from './address.ts'

const addresses = [
  '127.0.0.1',
  '::',
  '::1',
  'fe80::1%eth0',
  '2001:db8::192.0.2.1',
  '1:2:3:4:5:6:7:8',
]
const names = [
  'pi-gps-01',
  'time.example.org',
  'time.example.org.',
  '_ntp.example',
  '0.pool.ntp.org',
]
const neither = [
  '',
  '.',
  '1.2.3.4.5',
  '256.1.1.1',
  '1.2.3',
  ':::',
  '1::2::3',
  'a..b',
  '-a',
  'a b',
  'é',
]

for (const text of addresses) {
  test(`${text} is an IP address`, () => {
    assert.notEqual(ipFamily(text), null)
    assert.ok(isAddress(text))
  })
}

for (const text of names) {
  test(`${text} is a host name`, () => {
    assert.ok(isHostName(text))
    assert.equal(ipFamily(text), null)
  })
}

for (const text of neither) {
  test(`${JSON.stringify(text)} is no address`, () => assert.ok(!isAddress(text)))
}

test("IP addresses are those of Node's own check", () => {
  const piece = fc.constantFrom('0', '1', 'ff', '192', '255', '256', ':', '::', '.', 'g', '01')
  const anyText = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
  const sound = fc.oneof(fc.ipV4(), fc.ipV6(), anyText)
  fc.assert(fc.property(sound, (text) => assert.equal(ipFamily(text) ?? 0, isIP(text))))
})

const endpoints: readonly (readonly [text: string, host: string, port: number | null])[] = [
  ['time.example.org', 'time.example.org', null],
  ['time.example.org:1123', 'time.example.org', 1123],
  ['192.0.2.1:1123', '192.0.2.1', 1123],
  ['2001:db8::1', '2001:db8::1', null],
  ['[2001:db8::1]', '2001:db8::1', null],
  ['[2001:db8::1]:1123', '2001:db8::1', 1123],
]

for (const [text, host, port] of endpoints) {
  test(`${text} is ${host} with ${port ?? 'no'} port`, () => {
    assert.deepEqual(parseHostPort(text), { host, port })
    if (port !== null) assert.equal(formatHostPort(host, port), text)
  })
}

test('what has a port that is none, or brackets around a name, is no endpoint', () => {
  for (const text of [
    'a:0',
    'a:65536',
    'a:',
    ':1',
    '[a]:1',
    '[127.0.0.1]:1',
    'a:1:2',
    '[::1',
    '',
  ]) {
    assert.equal(parseHostPort(text), null, text)
  }
})
