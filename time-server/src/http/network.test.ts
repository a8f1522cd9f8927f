import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from './network.ts'

for (const [address, network, isLoopback] of [
  ['192.0.2.7', '192.0.2.7', false],
  ['::ffff:192.0.2.7', '192.0.2.7', false],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['127.0.0.9', '127.0.0.9', true],
  ['::1', '0:0:0:0::/64', true],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', false],
  ['2001:db8::6', '2001:db8:0:0::/64', false],
  ['2001:db8:1:2::', '2001:db8:1:2::/64', false],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', false],
  ['', '', false],
] as const) {
  test(`${address || 'a socket that is gone'} is of ${network || 'nobody'}`, () => {
    assert.deepEqual(networkOf(address), { network, isLoopback })
  })
}
