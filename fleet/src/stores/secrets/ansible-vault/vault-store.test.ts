import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { decrypter } from '@timeball/inventory/vault/decrypt.ts'
import type { VaultPassword } from '@timeball/inventory/vault/vault.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import { storeInFileContract } from '../../../ports/secret-store.contract.ts'
import type { SecretStore } from '../../../ports/secret-store.ts'
import { vaultStore } from './vault-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-vault-store-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function passwordOf(text: string, id = 'default'): VaultPassword {
  return { id, password: new TextEncoder().encode(text) }
}

interface Given {
  readonly passwords?: readonly VaultPassword[]
  /** Of the inventory, as `pi-gps-01/api_key_1`. */
  readonly variables?: Readonly<Record<string, string>>
  readonly named?: Readonly<Record<string, string>>
}

function storeAt(
  path: string,
  { passwords = [passwordOf('horse')], variables = {}, named = {} }: Given = {},
): SecretStore {
  return vaultStore({
    path,
    variables: named,
    devices: ['pi-gps-01', 'pi-gps-02'],
    vault: {
      decrypt: decrypter(passwords),
      passwords: () => Promise.resolve(ok(passwords)),
      variable: (device, name) => {
        const value = variables[`${device}/${name}`] ?? null
        return value === 'broken' ? fail('cannot be decrypted') : ok(value)
      },
    },
  })
}

let count = 0
const keptAt = storeInFileContract('ansible-vault', {
  newPath: () => join(folder, `${(count += 1)}.vault.yml`),
  storeAt,
})

const own = { device: 'pi-gps-01', name: 'API_KEY_1' }
const ofAll = { device: null, name: 'API_KEY_1' }

test("what the inventory has is used as it is, below a device's own and above that of all", async () => {
  const path = await keptAt([{ ...ofAll, value: 'the-key-of-all-in-file' }])
  const variables = { 'pi-gps-01/api_key_1': 'the-key-of-the-inventory' }
  const store = storeAt(path, { variables })
  const [one, two] = [
    await store.read('pi-gps-01', 'API_KEY_1'),
    await store.read('pi-gps-02', 'API_KEY_1'),
  ]
  assert.equal(one.ok && one.value.reveal(), 'the-key-of-the-inventory')
  assert.equal(two.ok && two.value.reveal(), 'the-key-of-all-in-file')
  const secret = new Secret('API_KEY_1', 'the-own-key-in-file')
  assert.ok((await store.write([{ ...own, secret, atUnixMs: 0 }])).ok)
  const now = await store.read('pi-gps-01', 'API_KEY_1')
  assert.equal(now.ok && now.value.reveal(), 'the-own-key-in-file')
})

test('the variable can have another name', async () => {
  const variables = { 'pi-gps-01/api_key_vault': 'the-key-of-the-guide' }
  const named = { API_KEY_1: 'api_key_vault' }
  const read = await storeAt(join(folder, 'none.yml'), { variables, named }).read(
    'pi-gps-01',
    'API_KEY_1',
  )
  assert.equal(read.ok && read.value.reveal(), 'the-key-of-the-guide')
})

test('a variable that cannot be decrypted is no missing one', async () => {
  const variables = { 'pi-gps-01/api_key_1': 'broken' }
  const read = await storeAt(join(folder, 'none.yml'), { variables }).read('pi-gps-01', 'API_KEY_1')
  assert.ok(!read.ok)
  assert.equal(read.failure.code, 'unavailable')
  assert.match(read.failure.detail, /api_key_1 of pi-gps-01 cannot be decrypted/)
})

test('without a password nothing is written, and it is said how to name one', async () => {
  const path = join(folder, 'unwritten.yml')
  const secret = new Secret('API_KEY_1', 'the-own-key-in-file')
  const written = await storeAt(path, { passwords: [] }).write([{ ...own, secret, atUnixMs: 0 }])
  assert.ok(!written.ok)
  assert.match(written.failure.hint ?? '', /--vault-password-file/)
})

test('a new password comes first, and the old one is not needed afterwards', async () => {
  const path = await keptAt([{ ...own, value: 'the-own-key-in-file' }])
  const [fresh, old] = [passwordOf('stable', 'prod'), passwordOf('horse')]
  assert.ok((await storeAt(path, { passwords: [fresh, old] }).rekey([])).ok)
  assert.match(readFileSync(path, 'utf8'), /\$ANSIBLE_VAULT;1\.2;AES256;prod/)
  assert.ok((await storeAt(path, { passwords: [fresh] }).get(own)).ok)
  const read = await storeAt(path, { passwords: [old] }).get(own)
  assert.ok(!read.ok && /another password/.test(read.failure.detail))
})

test('a plain value in the file is refused, and not quoted', async () => {
  const path = join(folder, 'plain.yml')
  writeFileSync(path, 'all:\n  API_KEY_1: { value: the-plain-key-1 }\n')
  const read = await storeAt(path).get(ofAll)
  assert.ok(!read.ok)
  assert.match(read.failure.detail, /2:3: API_KEY_1 is not encrypted with Ansible Vault/)
  assert.ok(!read.failure.detail.includes('plain-key'))
})
