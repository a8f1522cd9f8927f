import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bandwidth } from './setting-values.ts'

for (const [text, bytesPerSecond] of [
  ['20Mbit/s', 2_500_000],
  ['500kbit/s', 62_500],
  ['3 MB/s', 3_000_000],
  ['64kB/s', 64_000],
] as const) {
  test(`${text} are ${bytesPerSecond} bytes in a second`, () => {
    assert.equal(bandwidth.parse(text), bytesPerSecond)
  })
}

for (const text of ['20', '0kB/s', '20Mbps', '1.5MB/s', '-1MB/s', '20 mbit/s', '']) {
  test(`"${text}" is no bandwidth`, () => {
    assert.equal(bandwidth.safeParse(text).success, false)
  })
}
