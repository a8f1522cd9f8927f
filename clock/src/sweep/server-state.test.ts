/** Whatever a server sends, the state of a sweep stays sound. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseKey } from './parse-keys.ts'
import { newServerState, sweptOf, takeReply } from './server-state.ts'

const cookie = 0x0123_4567_89ab_cdefn
const target = { address: '192.0.2.1', port: 123, samples: 4, spacingMs: 100, key: null }
const sentUnixNs = 1_800_000_000_000_000_000n
const exchange = { sentUnixNs, heardUnixNs: sentUnixNs + 1_000_000n }
const ending = { startedNs: sentUnixNs, timeoutMs: 1_000, isAborted: false }

/** Any bytes, in most of them the cookie of our request and the mode of a server. */
const datagram = fc
  .tuple(fc.uint8Array({ minLength: 0, maxLength: 90 }), fc.boolean())
  .map(([bytes, isForUs]) => {
    if (isForUs && bytes.byteLength >= 48) {
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      view.setBigUint64(24, cookie)
      bytes[0] = ((bytes[0] ?? 0) & 0xc0) | 0x24
    }
    return bytes
  })

test('any datagrams give a result whose numbers are numbers', () => {
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 6 }), (datagrams) => {
      const state = newServerState(target)
      for (const bytes of datagrams) takeReply(state, bytes, { cookie, exchange })
      const { result, answered, unsynchronised } = sweptOf(state, ending)
      assert.ok(answered <= datagrams.length)
      if (!result.ok) {
        assert.match(result.failure.detail, /^[ -~]+$/)
        return
      }
      assert.equal(unsynchronised, null)
      const { refid, leap, referenceAgeSeconds, referenceStamps, ...numbers } = result.value
      assert.ok(referenceStamps.length <= result.value.samples)
      assert.match(refid, /^[ -~]*$/)
      assert.ok([0, 1, 2].includes(leap))
      for (const [name, value] of Object.entries({ ...numbers, age: referenceAgeSeconds ?? 0 })) {
        assert.ok(Number.isFinite(value), `${name} is ${value}`)
      }
      assert.ok(result.value.errorSeconds > 0 && result.value.delaySeconds > 0)
    }),
    { numRuns: 2_000 },
  )
})

test('a signed server is heard by nobody who lacks the key', () => {
  const key = { id: 5, algorithm: 'SHA1', secret: Buffer.from('secret') } as const
  fc.assert(
    fc.property(datagram, (bytes) => {
      const state = newServerState({ ...target, key })
      assert.equal(takeReply(state, bytes, { cookie, exchange }), false)
      assert.equal(state.accepted.length, 0)
    }),
  )
})

test('any text is a key file, or is refused without its words', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), (text, id) => {
      const read = parseKey(`${id} ${text}`, id)
      if (!read.ok) assert.match(read.failure, /key \d/)
    }),
  )
})
