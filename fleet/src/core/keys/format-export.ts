/** Keys in the forms in which clients are given them. Each is whole, with the keys in clear. */
import type { Device } from '../device/device.ts'
import { fingerprintOf } from '../secrets/fingerprint.ts'
import type { Secret } from '../secrets/secret.ts'

export interface ExportedKey {
  readonly device: Pick<Device, 'name' | 'address' | 'httpPort'>
  readonly key: Secret
}

export const exportForms = ['json', 'env'] as const
export type ExportForm = (typeof exportForms)[number]

export function formatExport(form: ExportForm, keys: readonly ExportedKey[]): string {
  if (form === 'env') return keys.map((each) => `${variableOf(each)}\n`).join('')
  const rows = keys.map(({ device, key }) => ({
    device: device.name,
    address: device.address,
    http_port: device.httpPort,
    fingerprint: fingerprintOf(key),
    key: key.reveal(),
  }))
  return `${JSON.stringify({ keys: rows }, null, 2)}\n`
}

/** As the store `env` reads it. */
function variableOf({ device, key }: ExportedKey): string {
  return `API_KEY_1_${device.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}=${key.reveal()}`
}
