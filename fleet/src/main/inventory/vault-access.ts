/** The variables of an inventory behind Ansible Vault, and the passwords that were named. */
import type { FleetOptions } from '../../cli/context.ts'
import type { VaultAccess } from '../../core/secrets/vault-access.ts'
import { resolveVars } from '@timeball/inventory/resolve-vars.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SealText } from '@timeball/inventory/format-inventory.ts'
import type { VaultPassword } from '@timeball/inventory/vault/vault.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Environment, LoadedInventory } from './load-inventory.ts'

export interface VaultParts extends LoadedInventory {
  readonly options: FleetOptions
  readonly environment: Environment
}

export function vaultAccess({ inventory, decrypt, options, environment }: VaultParts): VaultAccess {
  return {
    decrypt,
    passwords: () => readPasswords(options, environment),
    variable(device, name) {
      const resolving = { environment, decrypt, known: () => undefined }
      const { values, problems } = resolveVars(inventory, device, [name], resolving)
      const [problem] = problems
      if (problem !== undefined) return fail(`cannot be read: ${problem.what}`)
      const found = values.get(name)
      if (found === undefined) return ok(null)
      return typeof found.value === 'string' ? ok(found.value) : fail('is no text')
    },
  }
}

/** One text has one vault, however many devices have it: making the key of each takes a while. */
export async function vaultSealer(
  options: FleetOptions,
  environment: Environment,
): Promise<Result<SealText, readonly Problem[]>> {
  const passwords = await readPasswords(options, environment)
  if (!passwords.ok) return passwords
  const [password] = passwords.value
  if (password === undefined) throw new Error('a vault was decrypted without a password')
  const { encryptVault } = await import('@timeball/inventory/vault/vault.ts')
  const made = new Map<string, string>()
  return ok((text) =>
    made.getOrInsertComputed(text, () =>
      encryptVault(
        new TextEncoder().encode(text),
        password,
        crypto.getRandomValues(new Uint8Array(32)),
      ),
    ),
  )
}

async function readPasswords(
  { vaultPasswordFile: files = [], untrusted = false }: FleetOptions,
  environment: Environment,
): Promise<Result<readonly VaultPassword[], readonly Problem[]>> {
  const { readVaultPasswords } = await import('@timeball/inventory/files/vault-passwords.ts')
  const programs = untrusted ? 'refuse' : 'run'
  return await readVaultPasswords({ files, environment, programs })
}
