/**
 * Where the rotation of a device's key stands, told from what the secret store has of it, and what
 * the store has to have next. There is no other journal: whoever takes the rotation up reads it there.
 */
import type { KeptSecret, SecretChange } from '../secrets/place.ts'
import { Secret } from '../secrets/secret.ts'

/** The key that counts, and the one beside it during the overlap. Devices have both of them. */
export const currentKey = 'API_KEY_1'
export const nextKey = 'API_KEY_2'
/** Kept until the device has been seen to refuse it. No device gets it. */
export const retiredKey = 'RETIRED_API_KEY'

/**
 * `idle`: one key. `both`: the new one beside the old one, and both must be valid. `ended`: the new
 * one alone, and the old one must be refused.
 */
export type Stand = 'idle' | 'both' | 'ended'

export function standOf(device: string, kept: readonly KeptSecret[]): Stand {
  const names = new Set(kept.filter((each) => each.device === device).map(({ name }) => name))
  if (names.has(retiredKey)) return 'ended'
  return names.has(nextKey) ? 'both' : 'idle'
}

/** A new key for a device, beside the one that it has. */
export function begin(device: string, key: string, atUnixMs: number): readonly SecretChange[] {
  return [{ device, name: nextKey, secret: new Secret(nextKey, key), atUnixMs }]
}

export interface KeyPair {
  readonly old: Secret
  readonly fresh: Secret
}

/** The new key alone. The old one may be that of all devices, so it is never taken from them. */
export function cut(
  device: string,
  { old, fresh }: KeyPair,
  atUnixMs: number,
): readonly SecretChange[] {
  const kept = (name: string, secret: Secret | null): SecretChange => ({
    ...{ device, name, atUnixMs },
    secret: secret === null ? null : new Secret(name, secret.reveal()),
  })
  return [kept(currentKey, fresh), kept(nextKey, null), kept(retiredKey, old)]
}

/** The old key is forgotten. */
export function finish(device: string, atUnixMs: number): readonly SecretChange[] {
  return [{ device, name: retiredKey, secret: null, atUnixMs }]
}

/** Since when the device was seen to take a key. */
export interface Proof {
  readonly fingerprint: string
  readonly atUnixMs: number
  /** How long the old key is to stay valid from then on. */
  readonly overlapMs: number
}

/** Of a rotation for which none was named. */
export const usualOverlapMs = 24 * 3_600_000

/** `0`: the overlap is over. A clock that was set back makes it longer, never shorter. */
export function overlapLeftMs({ atUnixMs, overlapMs }: Proof, nowUnixMs: number): number {
  return Math.max(0, overlapMs - Math.max(0, nowUnixMs - atUnixMs))
}
