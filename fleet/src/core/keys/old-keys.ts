/** Devices whose keys are older than they may be. */
import type { KeptSecret } from '../secrets/place.ts'
import { keySetAt } from './key-age.ts'

/** One whose age nobody knows is none of them. */
export function oldKeys(
  devices: readonly string[],
  kept: readonly KeptSecret[],
  { nowUnixMs, limitMs }: { readonly nowUnixMs: number; readonly limitMs: number },
): readonly string[] {
  return devices.filter((device) => nowUnixMs - (keySetAt(device, kept) ?? nowUnixMs) > limitMs)
}
