/**
 * Ansible Vault, formats 1.1 and 1.2 (ansible/parsing/vault): AES-256 in counter mode under a key
 * that PBKDF2 makes of the password, authenticated by HMAC-SHA-256.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2Sync,
  timingSafeEqual,
} from 'node:crypto'
import { type Result, fail, ok } from '@timeball/lib/result.ts'

/** A password, and the id with which `--vault-id` names it; `default` without one. */
export interface VaultPassword {
  readonly id: string
  readonly password: Uint8Array
}

const header = '$ANSIBLE_VAULT'
const iterations = 10_000
const saltBytes = 32

/**
 * The clear bytes of a vault. The passwords with its id are tried first, then the others, as Ansible
 * does. The failure is a sentence without a full stop that does not say any of it.
 */
export function decryptVault(
  text: string,
  passwords: readonly VaultPassword[],
): Result<Uint8Array, string> {
  const envelope = parseEnvelope(text)
  if (!envelope.ok) return envelope
  const { id, salt, digest, body } = envelope.value
  const hasId = (password: VaultPassword): boolean => password.id === id
  const inOrder = [...passwords.filter(hasId), ...passwords.filter((password) => !hasId(password))]
  for (const { password } of inOrder) {
    const keys = deriveKeys(password, salt)
    const right = createHmac('sha256', keys.authentication).update(body).digest()
    if (right.length !== digest.length || !timingSafeEqual(right, digest)) continue
    const cipher = createDecipheriv('aes-256-ctr', keys.encryption, keys.counter)
    return unpad(Buffer.concat([cipher.update(body), cipher.final()]))
  }
  const names = id === 'default' ? '' : ` (its id is "${id}")`
  return fail(`is encrypted with another password than the one that is given${names}`)
}

/**
 * The vault of some bytes: format 1.2 when the password has an id of its own, else 1.1. `salt` is 32
 * random bytes that are used once.
 */
export function encryptVault(
  clear: Uint8Array,
  { id, password }: VaultPassword,
  salt: Uint8Array,
): string {
  if (salt.length !== saltBytes) throw new RangeError(`the salt is ${salt.length} bytes, not 32`)
  const keys = deriveKeys(password, salt)
  const cipher = createCipheriv('aes-256-ctr', keys.encryption, keys.counter)
  const body = Buffer.concat([cipher.update(pad(clear)), cipher.final()])
  const digest = createHmac('sha256', keys.authentication).update(body).digest()
  const parts = [salt, digest, body].map((part) => Buffer.from(part).toString('hex'))
  const hex = Buffer.from(parts.join('\n')).toString('hex')
  const lines = hex.match(/.{1,80}/g) ?? []
  const first = id === 'default' ? `${header};1.1;AES256` : `${header};1.2;AES256;${id}`
  return [first, ...lines, ''].join('\n')
}

interface Envelope {
  readonly id: string
  readonly salt: Uint8Array
  readonly digest: Uint8Array
  readonly body: Uint8Array
}

function parseEnvelope(text: string): Result<Envelope, string> {
  const [first = '', ...lines] = text.split(/\r?\n/)
  const known = /^\$ANSIBLE_VAULT;1\.[12];AES256(?:;(?<id>.*))?$/.exec(first.trim())
  if (known === null) return fail('is an Ansible Vault of an unknown kind')
  const id = known.groups?.['id'] ?? 'default'
  const parts = fromHex(lines.join('').trim())?.toString('latin1').split('\n') ?? []
  const [salt, digest, body] = parts.map(fromHex)
  return salt && digest && body
    ? ok({ id, salt, digest, body })
    : fail('is a damaged Ansible Vault')
}

function fromHex(text: string): Buffer | null {
  const isHex = text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text)
  return isHex ? Buffer.from(text, 'hex') : null
}

function deriveKeys(password: Uint8Array, salt: Uint8Array) {
  const bytes = pbkdf2Sync(password, salt, iterations, 80, 'sha256')
  return {
    encryption: bytes.subarray(0, 32),
    authentication: bytes.subarray(32, 64),
    counter: bytes.subarray(64, 80),
  }
}

/** PKCS #7 with blocks of 16 bytes (RFC 5652 section 6.3). */
function pad(clear: Uint8Array): Uint8Array {
  const missing = 16 - (clear.length % 16)
  return Buffer.concat([clear, Buffer.alloc(missing, missing)])
}

function unpad(padded: Buffer): Result<Uint8Array, string> {
  const extra = padded.at(-1) ?? 0
  const isPadding = extra >= 1 && extra <= 16 && extra <= padded.length
  return isPadding
    ? ok(padded.subarray(0, padded.length - extra))
    : fail('is a damaged Ansible Vault')
}
