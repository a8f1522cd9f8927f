/**
 * Private keys to sign images with: as `cosign generate-key-pair` writes them, encrypted with a
 * password (github.com/sigstore/sigstore, pkg/cryptoutils and go-securesystemslib/encrypted), or as
 * openssl does.
 */
import { createPrivateKey, createPublicKey, scryptSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { parseJson } from '../parse-json.ts'

export interface SigningKey {
  readonly secret: KeyObject
  readonly shared: KeyObject
}

const encrypted =
  /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----\n(?<body>[A-Za-z0-9+/=\s]+)-----END/

/** `password`: `null`: there is none. The failure holds nothing of the key. */
export async function readSigningKey(
  text: string,
  password: string | null,
): Promise<Result<SigningKey, string>> {
  const body = encrypted.exec(text)?.groups?.['body']
  const der = body === undefined ? null : await decrypt(body, password ?? '')
  if (der !== null && !der.ok) return der
  const secret = der === null ? ofText(text, password) : ofDer(der.value)
  if (!secret.ok) return secret
  if (secret.value.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return fail('is no ECDSA P-256 key, as cosign makes them')
  }
  return ok({ secret: secret.value, shared: createPublicKey(secret.value) })
}

const wrongPassword = 'does not open with the password in COSIGN_PASSWORD'

function ofText(text: string, password: string | null): Result<KeyObject, string> {
  try {
    const passphrase = password === null ? {} : { passphrase: password }
    return ok(createPrivateKey({ key: text, format: 'pem', ...passphrase }))
  } catch {
    return fail(/ENCRYPTED/.test(text) ? wrongPassword : 'is no private key')
  }
}

function ofDer(der: Uint8Array): Result<KeyObject, string> {
  try {
    return ok(createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }))
  } catch {
    return fail('holds no private key')
  }
}

/** What cosign asks for is 64 MB of memory; what others could ask for is bounded. */
const sealedSchema = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({
      N: z.int().min(2).max(1_048_576),
      r: z.int().min(1).max(8),
      p: z.int().min(1).max(4),
    }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: z.base64() }),
  ciphertext: z.base64(),
})

async function decrypt(body: string, password: string): Promise<Result<Uint8Array, string>> {
  const sealed = sealedSchema.safeParse(parseJson(Buffer.from(body, 'base64').toString('utf8')))
  if (!sealed.success) return fail('is encrypted in a way that is not known')
  const { kdf, cipher, ciphertext } = sealed.data
  // Only who signs waits for the library.
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js')
  const { N, r, p } = kdf.params
  const limits = { N, r, p, maxmem: 256 * N * r }
  const key = scryptSync(password, Buffer.from(kdf.salt, 'base64'), 32, limits)
  try {
    const box = xsalsa20poly1305(key, Buffer.from(cipher.nonce, 'base64'))
    return ok(box.decrypt(Buffer.from(ciphertext, 'base64')))
  } catch {
    return fail(wrongPassword)
  }
}
