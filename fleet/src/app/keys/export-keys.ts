/** The key of each device that clients are to use now. */
import type { Device } from '../../core/device/device.ts'
import type { ExportedKey } from '../../core/keys/format-export.ts'
import type { Proofs } from '../../core/keys/proofs.ts'
import { currentKey, nextKey } from '../../core/keys/rotation.ts'
import { fingerprintOf } from '../../core/secrets/fingerprint.ts'
import { ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure, SecretStore } from '../../ports/secret-store.ts'

/** A new key counts from when its device was seen to take it; until then the old one does. */
export async function exportKeys(
  store: SecretStore,
  devices: readonly Device[],
  proofs: Proofs,
): Promise<Result<readonly ExportedKey[], SecretFailure>> {
  const keys: ExportedKey[] = []
  for (const device of devices) {
    const next = await store.get({ device: device.name, name: nextKey })
    const proof = proofs.get(device.name)
    const isProved = next.ok && proof?.fingerprint === fingerprintOf(next.value)
    const key = isProved ? next : await store.read(device.name, currentKey)
    if (!key.ok) return key
    keys.push({ device, key: key.value })
  }
  return ok(keys)
}
