/** Certificates of the server, with those that openssl makes. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kvStore } from './kv-store.ts'
import { startFakeVault } from './test/fake-vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-vault-tls-'))
after(() => rmSync(folder, { recursive: true }))
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
const words =
  '-x509 -newkey ed25519 -nodes -days 2 -subj /CN=vault -addext subjectAltName=IP:127.0.0.1'
const made = spawnSync('openssl', ['req', ...words.split(' '), '-keyout', key, '-out', cert])
assert.equal(made.status, 0, String(made.stderr))
const vault = await startFakeVault({ key: readFileSync(key), cert: readFileSync(cert) })
after(() => vault.stop())

async function ask(caFile: string | null): Promise<string> {
  const store = kvStore({
    address: vault.address,
    namespace: null,
    caFile,
    auth: { method: 'token' },
    mount: 'secret',
    path: 'time',
    environment: { VAULT_TOKEN: 'root' },
    nowMs: () => 0,
  })
  const read = await store.read('pi-1', 'API_KEY_1')
  return read.ok ? 'read' : `${read.failure.code}: ${read.failure.detail} | ${read.failure.hint}`
}

test('a server that nobody vouches for gets no token', async () => {
  assert.match(await ask(null), /signed by nobody that is known here \| name its authority/)
})

test('the authority that is named is trusted, and one that cannot be read is said', async () => {
  assert.match(await ask(cert), /^missing: /)
  assert.match(await ask(join(folder, 'none.pem')), /no such file/)
})
