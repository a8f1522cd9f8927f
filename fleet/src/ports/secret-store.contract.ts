/** What every secret store promises. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SecretStore } from './secret-store.ts'

export interface KeptSecret {
  /** `null`: for every device that has none of its own. */
  readonly device: string | null
  readonly name: string
  readonly value: string
}

const ofAll = { device: null, name: 'API_KEY_1', value: 'key-of-all-devices' }
const ofOne = { device: 'pi-gps-01', name: 'API_KEY_1', value: 'key-of-one-device' }

async function valueOf(store: SecretStore, device: string): Promise<string> {
  const read = await store.read(device, 'API_KEY_1')
  return read.ok ? read.value.reveal() : read.failure.code
}

/** `keep` makes a store with these and no other secrets. */
export function secretStoreContract(
  name: string,
  keep: (secrets: readonly KeptSecret[]) => Promise<SecretStore>,
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
  })
}
