/** Where secrets come from. Every store passes `secret-store.contract.ts`. */
import type { Result } from '@timeball/lib/result.ts'
import type { Secret } from '../core/secrets/secret.ts'

export interface SecretFailure {
  readonly code: 'missing' | 'refused' | 'unavailable'
  /** Printable, without the value; the same for devices that fail alike. */
  readonly detail: string
  /** What to do: `set API_KEY_1, or API_KEY_1_PI_GPS_01 for this device alone`. */
  readonly hint: string | null
}

export interface SecretStore {
  readonly name: string
  /** The secret `name` (such as `API_KEY_1`) of one device. An empty one is `missing`. */
  read(device: string, name: string): Promise<Result<Secret, SecretFailure>>
}
