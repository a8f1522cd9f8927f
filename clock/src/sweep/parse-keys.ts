/** Reads ntp.keys: `ID ALGORITHM SECRET`, the secret as hexadecimal when it is longer than 20. Pure. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SymmetricKey } from './message-code.ts'

const algorithms: ReadonlyMap<string, SymmetricKey['algorithm']> = new Map([
  ['AES', 'AES'],
  ['AES128CMAC', 'AES'],
  ['AES-128', 'AES'],
  ['SHA1', 'SHA1'],
  ['SHA-1', 'SHA1'],
])

const aesBytes = 16
/** ntpsec: up to this length the secret is the text itself. */
const maxPlainCharacters = 20

/** The key with this id. Other lines may be of any kind; the failure names no secret. */
export function parseKey(text: string, id: number): Result<SymmetricKey, string> {
  for (const line of text.split('\n')) {
    const [number, type = '', secret = ''] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (number !== String(id)) continue
    const algorithm = algorithms.get(type.toUpperCase())
    if (algorithm === undefined) return fail(`key ${id} is neither AES nor SHA1`)
    const bytes = secretBytes(secret)
    if (bytes === null) return fail(`the secret of key ${id} is not hexadecimal`)
    if (algorithm === 'AES' && bytes.byteLength !== aesBytes) {
      return fail(`the secret of key ${id} has ${bytes.byteLength} bytes instead of ${aesBytes}`)
    }
    return ok({ id, algorithm, secret: bytes })
  }
  return fail(`there is no key ${id}`)
}

function secretBytes(secret: string): Uint8Array | null {
  if (secret === '') return null
  if (secret.length <= maxPlainCharacters) return Buffer.from(secret, 'latin1')
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(secret)) return null
  return Buffer.from(secret, 'hex')
}
