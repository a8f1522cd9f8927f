import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressRefid } from './address-refid.ts'
import { formatRefid, isLocalReference, isReferenceClock } from './refid.ts'

for (const { refid, stratum, text } of [
  { refid: 0x50505300, stratum: 1, text: 'PPS' },
  { refid: 0x52415445, stratum: 0, text: 'RATE' },
  { refid: 0x1b5b314a, stratum: 0, text: '?[1J' },
  { refid: 0x1b5b314a, stratum: 1, text: '27.91.49.74' },
  // chrony's "local stratum 1".
  { refid: 0x7f7f0101, stratum: 1, text: '127.127.1.1' },
  { refid: 0xc0a80165, stratum: 2, text: '192.168.1.101' },
  // A receiver that is meant to be a last resort ("fudge … stratum 4").
  { refid: 0x47505300, stratum: 4, text: 'GPS' },
  { refid: 0x474e5353, stratum: 4, text: 'GNSS' },
  { refid: 0x41424344, stratum: 4, text: '65.66.67.68' },
  { refid: 0, stratum: 1, text: '' },
  { refid: 0, stratum: 2, text: '0.0.0.0' },
]) {
  test(`refid ${refid.toString(16)} at stratum ${stratum} reads '${text}'`, () => {
    assert.equal(formatRefid(refid, stratum), text)
  })
}

test('a server that follows only itself is known by its reference', () => {
  for (const refid of ['LOCL', '.LOCL.', 'LOCAL(0)', '127.127.1.0', '127.0.0.1', '76.79.67.76']) {
    assert.equal(isLocalReference(refid), true, refid)
    assert.equal(isReferenceClock(refid), false, refid)
  }
  for (const refid of ['GPS', 'PPS', 'SHM(0)', '127.127.20.0', '192.168.1.1', 'LOCO', '']) {
    assert.equal(isLocalReference(refid), false, refid)
  }
  for (const refid of ['GPS', 'PPS', '127.127.28.0']) {
    assert.equal(isReferenceClock(refid), true, refid)
  }
  assert.equal(isReferenceClock('192.168.1.1'), false)
})

/** The digests are the first bytes of MD5 over 16 bytes, by Python's hashlib. */
for (const [address, refid] of [
  ['192.168.1.101', '192.168.1.101'],
  ['::1', '207.64.77.200'],
  ['0:0:0:0:0:0:0:1', '207.64.77.200'],
  ['fd00::1', '63.105.125.165'],
  ['fe80::1%eth0', '137.229.48.31'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
] as const) {
  test(`followers name ${address} by ${refid}`, () => assert.equal(addressRefid(address), refid))
}
