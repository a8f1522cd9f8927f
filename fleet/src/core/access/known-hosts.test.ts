import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pinnedKeys, revokeHost } from './known-hosts.ts'

const hosts = [
  '192.168.1.201 ssh-ed25519 AAAAone',
  '192.168.1.202,pi-ntp-02 ssh-ed25519 AAAAtwo comment',
  '[192.168.1.202]:2222 ssh-ed25519 AAAAthree',
  '',
].join('\n')

test('the keys of a host are revoked under every name, and those of others stay', () => {
  assert.equal(pinnedKeys(hosts, '192.168.1.202', 22), 1)
  const revoked = revokeHost(hosts, '192.168.1.202', 22)
  assert.equal(
    revoked,
    [
      '192.168.1.201 ssh-ed25519 AAAAone',
      '[192.168.1.202]:2222 ssh-ed25519 AAAAthree',
      '@revoked * ssh-ed25519 AAAAtwo',
      '',
    ].join('\n'),
  )
  assert.equal(pinnedKeys(revoked, '192.168.1.202', 22), 0)
  assert.equal(revokeHost(revoked, '192.168.1.202', 22), revoked)
  assert.match(revokeHost(hosts, '192.168.1.202', 2222), /^@revoked \* ssh-ed25519 AAAAthree$/m)
})
