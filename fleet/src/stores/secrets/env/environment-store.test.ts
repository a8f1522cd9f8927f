import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretStoreContract } from '../../../ports/secret-store.contract.ts'
import { environmentStore } from './environment-store.ts'

secretStoreContract('env', (secrets) => {
  const variables = secrets.map(({ device, name, value }) => {
    const own = device === null ? '' : `_${device.toUpperCase().replaceAll('-', '_')}`
    return [`${name}${own}`, value]
  })
  return Promise.resolve(
    environmentStore({
      environment: Object.fromEntries(variables),
      devices: ['pi-gps-01', 'pi-gps-02'],
    }),
  )
})

const refused = [
  { environment: {}, detail: 'API_KEY_1 is not set', hint: true },
  { environment: { API_KEY_1: '' }, detail: 'API_KEY_1 is empty', hint: true },
  {
    environment: { API_KEY_1: 'short' },
    detail: 'API_KEY_1 is shorter than 8 characters',
    hint: false,
  },
  {
    environment: { API_KEY_1: 'good-key-1', API_KEY_1_PI_1: '' },
    detail: 'API_KEY_1_PI_1 is empty',
    hint: true,
  },
]
for (const { environment, detail, hint } of refused) {
  test(`refused: ${detail}`, async () => {
    const read = await environmentStore({ environment, devices: [] }).read('pi-1', 'API_KEY_1')
    assert.ok(!read.ok)
    assert.equal(read.failure.detail, detail)
    const way = 'set API_KEY_1, or API_KEY_1_PI_1 for pi-1 alone'
    assert.equal(read.failure.hint, hint ? way : null)
  })
}
