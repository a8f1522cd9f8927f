/** The store against a server that answers as Vault and OpenBao are documented to; not a real one. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { VaultAuth } from '../../../core/secrets/vault-settings.ts'
import { secretSettings } from '../../../core/secrets/settings.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import { secretStoreContract, writableStoreContract } from '../../../ports/secret-store.contract.ts'
import type { SecretStore } from '../../../ports/secret-store.ts'
import { kvStore } from './kv-store.ts'
import { startFakeVault } from './test/fake-vault.ts'

const vault = await startFakeVault()
after(() => vault.stop())
const folder = mkdtempSync(join(tmpdir(), 'timeball-vault-'))
after(() => rmSync(folder, { recursive: true }))

let nowMs = 0
let count = 0

interface Wish {
  readonly path?: string
  readonly mount?: string
  readonly token?: string
  readonly auth?: VaultAuth
  readonly namespace?: string
  readonly environment?: Readonly<Record<string, string>>
}

function storeAt(wish: Wish = {}): SecretStore {
  const { token = 'root' } = wish
  return kvStore({
    address: vault.address,
    namespace: wish.namespace ?? null,
    caFile: null,
    auth: wish.auth ?? { method: 'token' },
    mount: wish.mount ?? 'secret',
    path: wish.path ?? 'time',
    environment: wish.environment ?? { VAULT_TOKEN: token },
    nowMs: () => nowMs,
  })
}

const paths = new Map<SecretStore, string>()

async function keep(
  secrets: readonly { device: string | null; name: string; value: string }[],
): Promise<SecretStore> {
  const path = `fleet-${(count += 1)}`
  const store = storeAt({ path })
  paths.set(store, path)
  const changes = secrets.map(({ value, ...place }) => ({
    ...place,
    secret: new Secret(place.name, value),
    atUnixMs: 1_800_000_000_000,
  }))
  assert.ok((await store.write(changes)).ok)
  return store
}

secretStoreContract('vault', keep)
writableStoreContract(
  'vault',
  keep,
  (store) => Promise.resolve(storeAt({ path: paths.get(store) ?? '' })),
  'of the store',
)

const one = { device: 'pi-1', name: 'API_KEY_1', value: 'the-key-of-pi-1' }

async function detailOf(store: SecretStore): Promise<string> {
  const read = await store.read('pi-1', 'API_KEY_1')
  assert.ok(!read.ok)
  assert.equal(read.failure.code, 'unavailable')
  return `${read.failure.detail} | ${read.failure.hint ?? ''}`
}

async function write(store: SecretStore, value: string): ReturnType<SecretStore['write']> {
  const secret = new Secret('API_KEY_1', value)
  return await store.write([{ ...one, secret, atUnixMs: 0 }])
}

test('when each was set is kept, and the values are as other programs read them', async () => {
  const store = await keep([one])
  const listed = await store.list()
  assert.deepEqual(listed.ok ? listed.value[0]?.setAtUnixMs : null, 1_800_000_000_000)
  const versions = vault.documents.get(` secret ${paths.get(store)}`)
  assert.deepEqual(versions?.at(-1)?.data, {
    'pi-1/API_KEY_1': one.value,
    set_at: { 'pi-1/API_KEY_1': '2027-01-15T08:00:00.000Z' },
  })
})

test('who writes at the same time is told, and nothing is lost', async () => {
  const store = await keep([one])
  const [first, second] = await Promise.all([
    write(store, 'first-of-both'),
    write(store, 'second-of-both'),
  ])
  const failures = [first, second].flatMap((each) => (each.ok ? [] : [each.failure.detail]))
  assert.equal(failures.length, 1)
  assert.match(failures[0] ?? '', /was changed meanwhile/)
})

test('a controller that runs on sees what others change', async () => {
  const store = await keep([one])
  const mine = storeAt({ path: paths.get(store) ?? '' })
  assert.ok((await mine.get(one)).ok)
  assert.ok((await write(store, 'another-value')).ok)
  nowMs += 60_000
  const seen = await mine.get(one)
  assert.equal(seen.ok && seen.value.reveal(), 'another-value')
})

const failures: readonly (readonly [
  what: string,
  wish: Wish,
  wanted: RegExp,
  prepare?: () => void,
])[] = [
  [
    'without a token it says where one goes',
    { environment: {} },
    /no token for Vault \| set VAULT_TOKEN/,
  ],
  [
    'a token that has expired is said',
    { token: 'gone' },
    /has expired, or was revoked \| get a new one/,
  ],
  ['a mount that is none is said', { mount: 'other' }, /no handler for route/],
  [
    'a server that is sealed is said',
    {},
    /is sealed: it gives no secrets/,
    () => (vault.sealed = true),
  ],
  [
    'a version that was deleted is not taken for an empty store',
    { path: 'deleted' },
    /the newest version of secret\/deleted was deleted \| vault kv undelete/,
    () => void vault.documents.set(' secret deleted', [{ data: null, state: 'deleted' }]),
  ],
  [
    'one that is not of version 2 is said',
    { path: 'v1' },
    /is no KV store of version 2/,
    () => void vault.next.push({ status: 200, errors: [] }),
  ],
  [
    'an answer that stays bad is given up',
    {},
    /node is not active/,
    () =>
      void vault.next.push(
        ...Array.from({ length: 3 }, () => ({ status: 429, errors: ['node is not active'] })),
      ),
  ],
]

for (const [what, wish, wanted, prepare] of failures) {
  test(what, async () => {
    prepare?.()
    try {
      assert.match(await detailOf(storeAt(wish)), wanted)
    } finally {
      vault.sealed = false
    }
  })
}

test('what passes by itself is asked again', async () => {
  const store = await keep([one])
  vault.next.push({ status: 502, errors: [] }, { status: 500, errors: ['internal error'] })
  nowMs += 60_000
  assert.ok((await store.get(one)).ok)
})

test('a token that may only read says so', async () => {
  const store = await keep([one])
  vault.tokens.set('reader', 'read')
  const reader = storeAt({ path: paths.get(store) ?? '', token: 'reader' })
  assert.ok((await reader.get(one)).ok)
  const written = await write(reader, 'another-value')
  assert.match(written.ok ? '' : written.failure.detail, /does not allow to write secret\/fleet/)
})

test('namespaces are kept apart', async () => {
  const [a, b] = ['a', 'b'].map((namespace) => storeAt({ path: 'shared', namespace }))
  assert.ok(a !== undefined && b !== undefined)
  assert.ok((await write(a, 'value-of-a-1')).ok)
  const seen = await b.get(one)
  assert.equal(seen.ok ? '' : seen.failure.code, 'missing')
})

test('AppRole logs in once, and again before its token ends', async () => {
  const file = join(folder, 'secret-id')
  writeFileSync(file, 'the-secret-id\n', { mode: 0o600 })
  const auth = {
    method: 'approle',
    role_id: 'the-role',
    secret_id_file: file,
    mount: 'approle',
  } as const
  const store = storeAt({ path: 'approle', auth, environment: {} })
  const before = vault.logins.length
  assert.ok((await write(store, 'by-approle-1')).ok)
  assert.ok((await store.get(one)).ok)
  assert.equal(vault.logins.length - before, 1)
  nowMs += 2_500_000
  assert.ok((await store.get(one)).ok)
  assert.equal(vault.logins.length - before, 2)
})

test('a JWT logs in, and a login that is refused is said without what was shown', async () => {
  const auth = { method: 'jwt', role: 'the-role', mount: 'jwt' } as const
  const environment = { VAULT_JWT: 'the.jwt' }
  assert.ok((await write(storeAt({ path: 'jwt', auth, environment }), 'by-jwt-value')).ok)
  const wrong = storeAt({ path: 'jwt', auth, environment: { VAULT_JWT: 'wrong.jwt.shown' } })
  const detail = await detailOf(wrong)
  assert.match(detail, /refuses the login by jwt: invalid role or secret ID/)
  assert.doesNotMatch(detail, /shown/)
})

test('a file that others can read is no secret', async () => {
  const file = join(folder, 'open')
  writeFileSync(file, 'root\n', { mode: 0o644 })
  const auth = { method: 'token', token_file: file } as const
  assert.match(await detailOf(storeAt({ auth })), /can be read by others \| chmod 600/)
})

function at(address: string): SecretStore {
  return kvStore({
    ...{ address, namespace: null, caFile: null, mount: 'secret', path: 'time' },
    auth: { method: 'token' },
    environment: { VAULT_TOKEN: 'root' },
    nowMs: () => 0,
  })
}

test('an address that nothing says, or that is not safe, is said', async () => {
  assert.match(await detailOf(at('')), /nothing says where Vault is \| set VAULT_ADDR/)
  assert.match(await detailOf(at('http://192.0.2.1:8200')), /keys must not travel in clear/)
})

function isTaken(address: string): boolean {
  return secretSettings.safeParse({ store: 'vault', address }).success
}

test('keys do not travel in clear to another machine', () => {
  assert.equal(isTaken('http://vault.example.org:8200'), false)
  assert.equal(isTaken('https://vault.example.org:8200'), true)
  assert.equal(isTaken('http://127.0.0.1:8200'), true)
})
