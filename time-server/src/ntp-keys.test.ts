import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatNtpKeys, keyLines, readNtpKeys } from './ntp-keys.ts'

const [a, b] = ['a1'.repeat(16), 'b2'.repeat(16)]

function keysOf(variables: Readonly<Record<string, string>>) {
  const read = readNtpKeys(variables)
  assert.ok(read.ok)
  return read.value
}

test('own keys and those of sources, which may have IPv6 addresses', () => {
  const keys = keysOf({
    NTP_KEY_1: `1:${a}`,
    NTP_KEY_2: '',
    NTP_SOURCE_KEYS: `192.0.2.1=2:${b},2001:db8::1=1:${a}`,
  })
  assert.deepEqual(keys.own, [{ id: 1, hex: a }])
  assert.deepEqual([...keys.sources.keys()], ['192.0.2.1', '2001:db8::1'])
  assert.equal(formatNtpKeys(keys), `1 AES ${a}\n2 AES ${b}\n`)
  assert.deepEqual(keyLines(keys, '/run/ntp.keys'), ['keys /run/ntp.keys', 'trustedkey 1 2'])
})

test('what is no key is said by its name, without its value', () => {
  const read = readNtpKeys({ NTP_KEY_1: `65536:${a}`, NTP_SOURCE_KEYS: `192.0.2.1=x:${b}` })
  assert.ok(!read.ok)
  assert.deepEqual(
    read.failure.map((text) => text.split(' ')[0]),
    ['NTP_KEY_1', 'NTP_SOURCE_KEYS'],
  )
  assert.ok(!read.failure.join().includes(a))
})
