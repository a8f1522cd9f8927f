/** What every secret store promises. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SecretPlace } from '../core/secrets/place.ts'
import { Secret } from '../core/secrets/secret.ts'
import type { SecretStore } from './secret-store.ts'

export interface ValueInPlace extends SecretPlace {
  readonly value: string
}

const ofAll = { device: null, name: 'API_KEY_1', value: 'key-of-all-devices' }
const ofOne = { device: 'pi-gps-01', name: 'API_KEY_1', value: 'key-of-one-device' }

async function valueOf(store: SecretStore, device: string): Promise<string> {
  const read = await store.read(device, 'API_KEY_1')
  return read.ok ? read.value.reveal() : read.failure.code
}

/** `keep` makes a store with these and no other secrets, of the devices pi-gps-01 and pi-gps-02. */
export function secretStoreContract(
  name: string,
  keep: (secrets: readonly ValueInPlace[]) => Promise<SecretStore>,
): void {
  describe(`the secret store ${name}`, () => {
    test("a device's own secret comes before that of all", async () => {
      const store = await keep([ofAll, ofOne])
      assert.equal(await valueOf(store, 'pi-gps-01'), 'key-of-one-device')
      assert.equal(await valueOf(store, 'pi-gps-02'), 'key-of-all-devices')
      assert.equal(await valueOf(await keep([ofOne]), 'pi-gps-02'), 'missing')
    })

    test('one that is empty is missing, and what to do is said', async () => {
      const read = await (await keep([{ ...ofAll, value: '' }])).read('pi-1', 'API_KEY_1')
      assert.ok(!read.ok)
      assert.equal(read.failure.code, 'missing')
      assert.match(read.failure.detail, /API_KEY_1/)
      assert.match(read.failure.hint ?? '', /API_KEY_1/)
    })

    test('a value that parsers read in different ways is refused, and not shown', async () => {
      for (const value of ['tiny', 'with blank inside', 'dollar$sign-key', 'hash#sign-key']) {
        const read = await (await keep([{ ...ofAll, value }])).read('pi-1', 'API_KEY_1')
        assert.ok(!read.ok, value)
        assert.equal(read.failure.code, 'refused')
        assert.ok(!read.failure.detail.includes(value), read.failure.detail)
      }
    })

    test('a secret does not show itself', async () => {
      const read = await (await keep([ofAll])).read('pi-1', 'API_KEY_1')
      assert.ok(read.ok)
      for (const text of [String(read.value), JSON.stringify({ key: read.value })]) {
        assert.ok(!text.includes(ofAll.value), text)
      }
    })

    test('what is kept is listed, and the value of each place is had', async () => {
      const store = await keep([ofOne, ofAll])
      const listed = await store.list()
      assert.ok(listed.ok)
      assert.deepEqual(
        listed.value.map(({ device, name: key }) => [device, key]),
        [
          [null, 'API_KEY_1'],
          ['pi-gps-01', 'API_KEY_1'],
        ],
      )
      assert.equal(await valueIn(store, ofOne), ofOne.value)
      assert.equal(await valueIn(store, ofAll), ofAll.value)
      assert.equal(await valueIn(store, { device: 'pi-gps-02', name: 'API_KEY_1' }), 'missing')
    })
  })
}

/** Of stores that can be written from here. `reopen` reads what `keep`'s store has written. */
export function writableStoreContract(
  name: string,
  keep: (secrets: readonly ValueInPlace[]) => Promise<SecretStore>,
  reopen: (store: SecretStore) => Promise<SecretStore>,
  encryption: 'here' | 'of the store' = 'here',
): void {
  describe(`the secret store ${name}, when it is written`, () => {
    test('secrets are set, replaced and taken away, all at once', async () => {
      const store = await keep([ofAll, ofOne])
      const added = { device: 'pi-gps-02', name: 'API_KEY_2' }
      const written = await store.write([
        { ...ofOne, secret: new Secret('API_KEY_1', 'replaced-key'), atUnixMs: 1_800_000_000_000 },
        { ...added, secret: new Secret('API_KEY_2', 'an-added-key'), atUnixMs: 1_800_000_000_000 },
        { ...ofAll, secret: null, atUnixMs: 1_800_000_000_000 },
      ])
      assert.ok(written.ok, JSON.stringify(written))
      for (const each of [store, await reopen(store)]) {
        assert.equal(await valueIn(each, ofOne), 'replaced-key')
        assert.equal(await valueIn(each, added), 'an-added-key')
        assert.equal(await valueIn(each, ofAll), 'missing')
      }
    })

    test('the first secret can be set', async () => {
      const store = await keep([])
      const secret = new Secret('API_KEY_1', ofAll.value)
      const written = await store.write([{ ...ofAll, secret, atUnixMs: 0 }])
      assert.ok(written.ok, JSON.stringify(written))
      assert.equal(await valueOf(await reopen(store), 'pi-gps-02'), ofAll.value)
    })

    test('whatever value is kept comes back as it was', async () => {
      const store = await keep([])
      for (const value of ['two\nlines\n', 'ünïcode ☂', '$ANSIBLE_VAULT;1.1;AES256', '   ']) {
        const secret = new Secret('TOKEN', value)
        assert.ok((await store.write([{ device: null, name: 'TOKEN', secret, atUnixMs: 0 }])).ok)
        assert.equal(await valueIn(await reopen(store), { device: null, name: 'TOKEN' }), value)
      }
    })

    test('it is encrypted anew, and says the same; or says who does that', async () => {
      const store = await keep([ofAll, ofOne])
      const readers = await store.rekey([])
      assert.equal(readers.ok, encryption === 'here', JSON.stringify(readers))
      assert.equal(await valueIn(await reopen(store), ofOne), ofOne.value)
    })
  })
}

async function valueIn(store: SecretStore, place: SecretPlace): Promise<string> {
  const read = await store.get(place)
  return read.ok ? read.value.reveal() : read.failure.code
}

export interface StoreInFile {
  /** Of a file that nothing is kept in yet. */
  readonly newPath: () => string
  readonly storeAt: (path: string) => SecretStore
}

/** Both, of a store in a file. What it gives keeps secrets in a new file, and gives its path. */
export function storeInFileContract(
  name: string,
  { newPath, storeAt }: StoreInFile,
): (secrets: readonly ValueInPlace[]) => Promise<string> {
  const paths = new Map<SecretStore, string>()
  const keep = async (secrets: readonly ValueInPlace[]): Promise<SecretStore> => {
    const path = newPath()
    const store = storeAt(path)
    paths.set(store, path)
    const changes = secrets.map(({ value, ...place }) => ({
      ...place,
      secret: new Secret(place.name, value),
      atUnixMs: 1_800_000_000_000,
    }))
    assert.ok((await store.write(changes)).ok)
    return store
  }
  secretStoreContract(name, keep)
  writableStoreContract(name, keep, (store) => Promise.resolve(storeAt(paths.get(store) ?? '')))
  return async (secrets) => paths.get(await keep(secrets)) ?? ''
}
