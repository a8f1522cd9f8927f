import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeFragment, encodeRequest } from './packet.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

test('a status request is the twelve bytes that ntpq sends', () => {
  const request = { opcode: 1, sequence: 0xf7d6, association: 0, data: '' }
  assert.deepEqual(encodeRequest(request), hex('1601 f7d6 0000 0000 0000 0000'))
})

test('names are padded to four bytes and counted without the padding', () => {
  const request = { opcode: 2, sequence: 1, association: 17767, data: 'leap,tc' }
  assert.deepEqual(encodeRequest(request), hex('1602 0001 0000 4567 0000 0007 6c65 6170 2c74 6300'))
})

// Captured from ntpsec 1.2.2 with `refclock local stratum 5 prefer`.
test('the captured list of associations is read', () => {
  const fragment = decodeFragment(hex('1681 0001 0514 0000 0000 0004 4567 961a'))
  assert.deepEqual(fragment, {
    opcode: 1,
    sequence: 1,
    isError: false,
    hasMore: false,
    status: 0x0514,
    association: 0,
    offset: 0,
    data: new Uint8Array(hex('4567961a')),
  })
})

// Captured from ntpsec 1.2.2: the answer to `leap,nosuch`.
test('the captured refusal of an unknown name is read', () => {
  const fragment = decodeFragment(hex('16c2 0003 0500 0000 0000 0000'))
  assert.equal(fragment?.isError, true)
  assert.equal(fragment?.status, 0x0500)
})

for (const [name, bytes] of [
  ['a short datagram', '1681 0001 0514 0000 0000'],
  ['a request', '1601 0001 0000 0000 0000 0000'],
  ['an answer in another mode', '2481 0001 0514 0000 0000 0000'],
  ['a count beyond the datagram', '1681 0001 0514 0000 0000 0005 4567 961a'],
] as const) {
  test(`${name} is not an answer`, () => assert.equal(decodeFragment(hex(bytes)), null))
}

test('no datagram makes the decoder throw or give more than it was given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const fragment = decodeFragment(bytes)
      assert.ok(fragment === null || fragment.data.length <= bytes.length - 12)
    }),
  )
})
