/** What a fleet's inventory has behind Ansible Vault, and the passwords for it. */
import type { Decrypt } from '@timeball/inventory/encrypted-text.ts'
import type { VaultPassword } from '@timeball/inventory/vault/vault.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'

export interface VaultAccess {
  readonly decrypt: Decrypt
  /** In the order in which they are tried; the first one encrypts. */
  readonly passwords: () => Promise<Result<readonly VaultPassword[], readonly Problem[]>>
  /** A variable as Ansible has it for the device, decrypted; `null`: it has none of this name. */
  readonly variable: (device: string, name: string) => Result<string | null, string>
}
