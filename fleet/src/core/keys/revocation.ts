/** What the store of secrets has to have when a device is in the hands of somebody else. */
import type { KeptSecret, SecretChange } from '../secrets/place.ts'
import { Secret } from '../secrets/secret.ts'
import { currentKey, cut, nextKey, retiredKey } from './rotation.ts'

/** Keys of a device, its own or those of all; `null`: there is none. */
export interface HeldKeys {
  readonly device: string
  readonly current: Secret | null
  readonly next: Secret | null
  /** No device has it any more, but it was not yet seen to refuse it. */
  readonly retired: Secret | null
}

export interface RevocationParts {
  readonly lost: HeldKeys
  readonly others: readonly HeldKeys[]
  readonly kept: readonly KeptSecret[]
  /** Those of all devices, by name. */
  readonly ofAll: readonly Secret[]
  readonly newKey: () => string
  readonly atUnixMs: number
}

/** Devices that take a key which the lost one knows. */
export function sharersOf({ lost, others }: Pick<RevocationParts, 'lost' | 'others'>): string[] {
  const known = valuesOf(lost)
  return others
    .filter(({ current, next }) => isKnown(known, current) || isKnown(known, next))
    .map(({ device }) => device)
}

/**
 * The lost device has no secret any more, and each that shared one gets another at once: the old
 * one is retired, and goes from the devices with the next delivery. All in one change of the store.
 */
export function revocationChanges(parts: RevocationParts): readonly SecretChange[] {
  const { lost, others, kept, ofAll, newKey, atUnixMs } = parts
  const known = valuesOf(lost)
  const own = kept
    .filter(({ device }) => device === lost.device)
    .map(({ device, name }): SecretChange => ({ device, name, secret: null, atUnixMs }))
  const shared = ofAll
    .filter((secret) => isKnown(known, secret))
    .map(({ name }): SecretChange => ({ device: null, name, secret: null, atUnixMs }))
  const cuts = others.flatMap(({ device, current, next }): readonly SecretChange[] => {
    if (current !== null && isKnown(known, current)) {
      const isGood = next !== null && !isKnown(known, next)
      const fresh = isGood ? next : new Secret(nextKey, newKey())
      return cut(device, { old: current, fresh }, atUnixMs)
    }
    if (next === null || !isKnown(known, next)) return []
    return [
      { device, name: nextKey, secret: null, atUnixMs },
      { device, name: retiredKey, secret: new Secret(retiredKey, next.reveal()), atUnixMs },
    ]
  })
  return [...own, ...shared, ...cuts]
}

function valuesOf({ current, next, retired }: HeldKeys): ReadonlySet<string> {
  return new Set([current, next, retired].flatMap((each) => (each === null ? [] : each.reveal())))
}

function isKnown(values: ReadonlySet<string>, secret: Secret | null): boolean {
  return secret !== null && values.has(secret.reveal())
}

/** Names under which all devices may have a key. */
export const keyNames = [currentKey, nextKey] as const
