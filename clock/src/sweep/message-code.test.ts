import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientRequest } from '../ntp/packet.ts'
import { aesCmac, isSignedWith, signPacket, type SymmetricKey } from './message-code.ts'
import { parseKey } from './parse-keys.ts'

/** RFC 4493 section 4. */
const rfcKey = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex')
const rfcMessage = Buffer.from(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  'hex',
)
const vectors = [
  { bytes: 0, code: 'bb1d6929e95937287fa37d129b756746' },
  { bytes: 16, code: '070a16b46b4d4144f79bdd9dd04a287c' },
  { bytes: 40, code: 'dfa66747de9ae63030ca32611497c827' },
  { bytes: 64, code: '51f0bebf7e3b9d92fc49741779363cfe' },
]
for (const { bytes, code } of vectors) {
  test(`AES-128-CMAC of ${bytes} bytes is that of RFC 4493`, () => {
    assert.equal(Buffer.from(aesCmac(rfcKey, rfcMessage.subarray(0, bytes))).toString('hex'), code)
  })
}

const keys: readonly SymmetricKey[] = [
  { id: 5, algorithm: 'AES', secret: rfcKey },
  { id: 7, algorithm: 'SHA1', secret: Buffer.from('secret') },
]
for (const key of keys) {
  test(`${key.algorithm}: what is signed is known again, and nothing else is`, () => {
    const signed = signPacket(clientRequest(42n), key)
    assert.ok(isSignedWith(signed, key))
    assert.ok(!isSignedWith(clientRequest(42n), key))
    assert.ok(!isSignedWith(signed, { ...key, id: 6 }))
    assert.ok(!isSignedWith(signed, { ...key, secret: Buffer.alloc(16) }))
    signed.forEach((_, index) => {
      const changed = Uint8Array.from(signed)
      changed[index] = (changed[index] ?? 0) ^ 1
      assert.ok(!isSignedWith(changed, key), `byte ${index}`)
    })
  })
}

const file = `# ntp.keys
1 MD5 old
5 AES 2b7e151628aed2a6abf7158809cf4f3c   # of RFC 4493
6 AES sixteen-letters!
7 SHA1 secret
8 AES short
9 AES zz7e151628aed2a6abf7158809cf4f3c
`
test('keys are read as ntpsec reads them', () => {
  assert.deepEqual(parseKey(file, 5), { ok: true, value: { ...keys[0], secret: rfcKey } })
  const plain = parseKey(file, 6)
  assert.ok(plain.ok)
  assert.equal(Buffer.from(plain.value.secret).toString(), 'sixteen-letters!')
  assert.equal(parseKey(file, 7).ok, true)
})

for (const [id, why] of [
  [1, /neither AES nor SHA1/],
  [2, /no key 2/],
  [8, /5 bytes instead of 16/],
  [9, /not hexadecimal/],
] as const) {
  test(`key ${id} is refused without a word about its secret`, () => {
    const read = parseKey(file, id)
    assert.ok(!read.ok)
    assert.match(read.failure, why)
    assert.doesNotMatch(read.failure, /old|short|zz7e/)
  })
}
