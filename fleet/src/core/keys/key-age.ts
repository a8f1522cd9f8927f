/** How old keys are, as the store of secrets has them. */
import type { KeptSecret } from '../secrets/place.ts'
import { currentKey } from './rotation.ts'

/**
 * When the key that counts was made, its own or that of all devices, in Unix ms; `null`: nobody
 * knows. A new one beside it makes it no younger: until the rotation ends the old one is valid.
 */
export function keySetAt(
  device: string,
  kept: readonly KeptSecret[],
  name: string = currentKey,
): number | null {
  const places = kept.filter((each) => each.name === name)
  const own = places.find((each) => each.device === device)
  return (own ?? places.find((each) => each.device === null))?.setAtUnixMs ?? null
}
