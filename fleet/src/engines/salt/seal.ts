/**
 * A key that only one minion and this process know. Salt sends every job to many minions, keeps it
 * on the master with its result, and shows it to whoever listens to events; so what is carried is
 * sealed: X25519, HKDF-SHA256 and AES-256-GCM, as `minion/carry.py` does it.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'

export interface KeyPair {
  /** 32 bytes, in base64. */
  readonly public: string
  readonly private: KeyObject
}

export interface Seal {
  /** `about` has to be the same on both sides. */
  seal(value: unknown, about: string): string
  /** Throws when it is not what the other side has sealed. */
  open(sealed: string, about: string): unknown
}

export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return { public: Buffer.from(x, 'base64url').toString('base64'), private: privateKey }
}

/** Throws when `theirs` is no key. */
export function agreedSeal(mine: KeyPair, theirs: string): Seal {
  const x = Buffer.from(theirs, 'base64').toString('base64url')
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
  const shared = diffieHellman({ privateKey: mine.private, publicKey })
  const both = Buffer.concat([mine.public, theirs].map((each) => Buffer.from(each, 'base64')))
  const key = Buffer.from(hkdfSync('sha256', shared, both, 'timeball/salt 1', 32))
  return {
    seal(value, about) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
      const text = [cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat([nonce, ...text]).toString('base64')
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-16))
      const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
      return JSON.parse(text.toString('utf8'))
    },
  }
}
