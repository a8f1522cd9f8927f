import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentStore } from './environment-store.ts'

test("a device's own key comes before the key of all", async () => {
  const store = environmentStore({
    API_KEY_1: 'key-of-all-devices',
    API_KEY_1_PI_GPS_01: 'key-of-one-device',
  })
  const one = await store.read('pi-gps-01', 'API_KEY_1')
  const other = await store.read('pi-gps-02', 'API_KEY_1')
  assert.ok(one.ok && other.ok)
  assert.equal(one.value.reveal(), 'key-of-one-device')
  assert.equal(other.value.reveal(), 'key-of-all-devices')
})

const refused = [
  { environment: {}, detail: 'API_KEY_1 is not set; set API_KEY_1 or API_KEY_1_PI_1' },
  { environment: { API_KEY_1: '' }, detail: 'API_KEY_1 is empty; set API_KEY_1 or API_KEY_1_PI_1' },
  { environment: { API_KEY_1: 'short' }, detail: 'API_KEY_1 is shorter than 8 characters' },
  {
    environment: { API_KEY_1: 'good-key-1', API_KEY_1_PI_1: '' },
    detail: 'API_KEY_1_PI_1 is empty; set API_KEY_1 or API_KEY_1_PI_1',
  },
]
for (const { environment, detail } of refused) {
  test(`refused: ${detail}`, async () => {
    const read = await environmentStore(environment).read('pi-1', 'API_KEY_1')
    assert.ok(!read.ok)
    assert.equal(read.failure.detail, detail)
  })
}
