/**
 * Secrets encrypted with Ansible Vault: those of `secrets.vault.yml`, which is written from here, and
 * the variables of the inventory, which is not. A device's own in the file comes first, then what
 * Ansible has for the device, then what the file has for all.
 */
import { randomBytes } from 'node:crypto'
import { encryptVault, type VaultPassword } from '@timeball/inventory/vault/vault.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  editSealedFile,
  vaultSealing,
  type SealedChange,
  type SealedSecret,
} from '../../../core/secrets/sealed-file.ts'
import {
  comparePlaces,
  formatPlace,
  type KeptSecret,
  type SecretPlace,
} from '../../../core/secrets/place.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import type { VaultAccess } from '../../../core/secrets/vault-access.ts'
import type { SecretFailure, SecretStore } from '../../../ports/secret-store.ts'
import { readKept } from '../read-kept.ts'
import {
  changeSealed,
  sealedReader,
  unavailable,
  type EditFile,
  type OpenedFile,
} from '../sealed-files.ts'

export interface VaultStoreOptions {
  readonly path: string
  readonly vault: VaultAccess
  /** Of the inventory, by the name of the secret: `API_KEY_1` is in `api_key_1` unless it is said. */
  readonly variables: Readonly<Record<string, string>>
  readonly devices: readonly string[]
}

const passwordHint = 'name the file with it: --vault-password-file FILE'
const names = ['API_KEY_1', 'API_KEY_2']

export function vaultStore({ path, vault, variables, devices }: VaultStoreOptions): SecretStore {
  const file = sealedReader(path, vaultSealing)

  const ofInventory = inventoryReader(vault, variables)

  async function get(place: SecretPlace): Promise<Result<Secret, SecretFailure>> {
    const found = await file()
    if (!found.ok) return found
    const sealed = found.value.secrets.find(isAt(place))
    if (sealed !== undefined) return unseal(vault, path, sealed)
    const written = ofInventory(place)
    if (!written.ok) return written
    if (written.value !== null) return ok(written.value)
    const detail = `${path} has no ${place.name}, nor has the inventory`
    return fail({ code: 'missing', detail, hint: null })
  }

  const change = (edit: EditFile) => changeSealed(path, vaultSealing, edit)

  return {
    name: path,
    notes: () => Promise.resolve([]),
    read: (device, name) => readKept(get, device, name),
    get,
    async list() {
      const found = await file()
      if (!found.ok) return found
      const kept = found.value.secrets.map(keptOf)
      for (const place of devices.flatMap((device) => names.map((name) => ({ device, name })))) {
        if (found.value.secrets.some(isAt(place))) continue
        const written = ofInventory(place)
        if (!written.ok || written.value !== null) kept.push({ ...place, setAtUnixMs: null })
      }
      return ok(kept.toSorted(comparePlaces))
    },
    async write(changes) {
      if (changes.length === 0) return ok(null)
      const password = await writingPassword(vault)
      if (!password.ok) return password
      const sealed = changes.map(({ secret, ...place }): SealedChange => ({
        ...place,
        text: secret === null ? null : seal(secret.reveal(), password.value),
      }))
      return await change(({ text }) =>
        Promise.resolve(ok(editSealedFile(text, sealed, vaultSealing))),
      )
    },
    async rekey(readers) {
      if (readers.length > 0) return noRecipients
      const password = await writingPassword(vault)
      if (!password.ok) return password
      const changed = await change(async (found) => {
        const sealed = sealAnew(found, vault, password.value)
        return sealed.ok ? ok(editSealedFile(found.text, sealed.value, vaultSealing)) : sealed
      })
      return changed.ok ? ok([`the vault id ${password.value.id}`]) : changed
    },
  }
}

const noRecipients = fail({
  code: 'refused',
  detail: 'Ansible Vault has a password, and no recipients',
  hint: `${passwordHint}, the new one first`,
} as const)

type OfInventory = (place: SecretPlace) => Result<Secret | null, SecretFailure>

/** `null`: the inventory has none. */
function inventoryReader(
  vault: VaultAccess,
  variables: VaultStoreOptions['variables'],
): OfInventory {
  return ({ device, name }) => {
    if (device === null) return ok(null)
    const variable = variables[name] ?? name.toLowerCase()
    const value = vault.variable(device, variable)
    if (value.ok) return ok(value.value === null ? null : new Secret(name, value.value))
    return unavailable(`${variable} of ${device} ${value.failure}`, passwordHint)
  }
}

function isAt(place: SecretPlace): (each: SecretPlace) => boolean {
  return ({ device, name }) => device === place.device && name === place.name
}

function keptOf({ device, name, setAtUnixMs }: SealedSecret): KeptSecret {
  return { device, name, setAtUnixMs }
}

function unseal(
  { decrypt }: VaultAccess,
  path: string,
  sealed: SealedSecret,
): Result<Secret, SecretFailure> {
  const clear = decrypt(sealed.text)
  if (clear.ok) return ok(new Secret(sealed.name, clear.value))
  return unavailable(`${path}: ${formatPlace(sealed)} ${clear.failure}`, passwordHint)
}

function seal(value: string, password: VaultPassword): string {
  return encryptVault(new TextEncoder().encode(value), password, randomBytes(32))
}

function sealAnew(
  { path, secrets }: OpenedFile,
  vault: VaultAccess,
  password: VaultPassword,
): Result<readonly SealedChange[], SecretFailure> {
  const sealed: SealedChange[] = []
  for (const each of secrets) {
    const clear = unseal(vault, path, each)
    if (!clear.ok) return clear
    const { device, name, setAtUnixMs: atUnixMs } = each
    sealed.push({ device, name, atUnixMs, text: seal(clear.value.reveal(), password) })
  }
  return ok(sealed)
}

async function writingPassword(vault: VaultAccess): Promise<Result<VaultPassword, SecretFailure>> {
  const passwords = await vault.passwords()
  if (!passwords.ok) return unavailable(passwords.failure.map(formatProblem).join('; '), null)
  const [first] = passwords.value
  return first === undefined
    ? unavailable('there is no password for Ansible Vault', passwordHint)
    : ok(first)
}
