import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { type Decrypt, noPassword } from '../encrypted-text.ts'
import { type VaultPassword, decryptVault } from './vault.ts'

/** Deriving a key takes milliseconds on purpose, so each text is decrypted once. */
export function decrypter(passwords: readonly VaultPassword[]): Decrypt {
  if (passwords.length === 0) return noPassword
  const known = new Map<string, Result<string, string>>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const clear = decryptVault(text, passwords)
    const result = clear.ok ? decode(clear.value) : clear
    known.set(text, result)
    return result
  }
}

function decode(bytes: Uint8Array): Result<string, string> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return fail('holds bytes that are no UTF-8 text')
  }
}
