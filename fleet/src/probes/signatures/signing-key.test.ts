import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSigningKey } from './signing-key.ts'

const folder = join(import.meta.dirname, 'test/cosign-3')
/** Of cosign 3.1.3; nothing but these tests knows it. */
const password = 'geheim'
const ofCosign = readFileSync(join(folder, 'signing.key'), 'utf8')

async function read(text: string, word: string | null = null): Promise<string> {
  const key = await readSigningKey(text, word)
  return key.ok ? key.value.shared.export({ type: 'spki', format: 'pem' }) : key.failure
}

test('what cosign generated opens with its password, and is the key of its public one', async () => {
  assert.equal(await read(ofCosign, password), readFileSync(join(folder, 'signing.pub'), 'utf8'))
})

for (const [name, word] of [
  ['a wrong', 'x'],
  ['no', null],
] as const) {
  test(`with ${name} password it does not open, and nothing of it is said`, async () => {
    assert.equal(await read(ofCosign, word), 'does not open with the password in COSIGN_PASSWORD')
  })
}

test('keys of openssl are read, with a password and without', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const shared = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
  const plain = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const older = privateKey.export({ type: 'sec1', format: 'pem' })
  const sealed = privateKey.export({
    ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password },
  })
  assert.equal(await read(plain), shared)
  assert.equal(await read(older), shared)
  assert.equal(await read(sealed, password), shared)
  assert.match(await read(sealed), /does not open/)
})

/** As cosign writes it, with other parameters. */
function sealedWith(change: Readonly<Record<string, unknown>>): string {
  const params = { N: 65_536, r: 8, p: 1, ...change }
  const kdf = { name: 'scrypt', params, salt: '' }
  const cipher = { name: 'nacl/secretbox', nonce: '' }
  const body = Buffer.from(JSON.stringify({ kdf, cipher, ciphertext: '' })).toString('base64')
  const kind = 'ENCRYPTED SIGSTORE PRIVATE KEY'
  return `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`
}

const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
const cases: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /^is no private key$/],
  ['a public key', readFileSync(join(folder, 'signing.pub'), 'utf8'), /^is no private key$/],
  [
    'a key of another curve',
    p384.export({ type: 'pkcs8', format: 'pem' }),
    /^is no ECDSA P-256 key/,
  ],
  ['one that would take all memory', sealedWith({ N: 2 ** 30 }), /in a way that is not known$/],
  ['one that is encrypted with nothing', sealedWith({}), /^does not open/],
]
for (const [name, text, expected] of cases) {
  test(`${name} is refused in words`, async () => {
    assert.match(await read(text), expected)
  })
}
