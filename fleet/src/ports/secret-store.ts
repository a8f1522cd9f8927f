/** Where secrets come from, and are kept. Every store passes `secret-store.contract.ts`. */
import type { Result } from '@timeball/lib/result.ts'
import type { KeptSecret, SecretChange, SecretPlace } from '../core/secrets/place.ts'
import type { Secret } from '../core/secrets/secret.ts'

export interface SecretFailure {
  /** `unavailable`: nothing can be had of this store, for whichever device. */
  readonly code: 'missing' | 'refused' | 'unavailable'
  /** Printable, without the value; the same for devices that fail alike. */
  readonly detail: string
  /** What to do: `set API_KEY_1, or API_KEY_1_PI_GPS_01 for this device alone`. */
  readonly hint: string | null
}

export interface SecretStore {
  readonly name: string
  /** What should be known of the store itself, such as that only one recipient can read it. */
  readonly notes: () => Promise<readonly string[]>
  /**
   * The secret `name` (such as `API_KEY_1`) of one device: its own, else that of all devices. An
   * empty one is `missing`.
   */
  read(device: string, name: string): Promise<Result<Secret, SecretFailure>>
  /** The value that is kept in this place alone; it need not be good for a device. */
  get(place: SecretPlace): Promise<Result<Secret, SecretFailure>>
  /** What is kept, in order of the places; without the values. */
  list(): Promise<Result<readonly KeptSecret[], SecretFailure>>
  /** All of the changes or none. `refused`: nothing can be written there. */
  write(changes: readonly SecretChange[]): Promise<Result<null, SecretFailure>>
  /**
   * Encrypts everything anew: for those who can read it now, or for these readers, which are age's
   * recipients. Gives the readers. `refused`: nothing is encrypted there.
   */
  rekey(readers: readonly string[]): Promise<Result<readonly string[], SecretFailure>>
}
