/** What tells two secrets apart without showing either. */
import { sha256Hex } from '../hash/sha256.ts'
import type { Secret } from './secret.ts'

/** 12 hex digits. It is for eyes only: kept beside a weak secret, it would help to guess it. */
export function fingerprintOf(secret: Secret): string {
  return sha256Hex(`fingerprint of a secret\n${secret.reveal()}`).slice(0, 12)
}
