import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admit } from './connections.ts'
import type { Connection } from './connections.ts'

const limits = { total: 4, perNetwork: 2, loopbackReserve: 1 }
const one = (network: string, usedAtMs: number, isBusy = false): Connection => ({
  network,
  isLoopback: network.startsWith('127.'),
  isBusy,
  usedAtMs,
})
const newcomer = one('192.0.2.9', 100)
const local = one('127.0.0.1', 100)
const full = [one('a', 3), one('b', 1), one('c', 2), one('d', 4)]
const busy = full.map((each) => ({ ...each, isBusy: true }))

for (const [name, who, open, result] of [
  ['while there is room nobody goes', newcomer, full.slice(0, 3), null],
  ['the one that was idle longest goes', newcomer, full, 1],
  ['a busy one does not go', newcomer, full.with(1, one('b', 1, true)), 2],
  ['of a client with many, its own goes', newcomer, [one('192.0.2.9', 5), one('192.0.2.9', 6)], 5],
  ['where all are busy the newcomer is refused', newcomer, busy, 'refuse'],
  ['for this machine room is kept', local, busy, null],
  ['even that room ends', local, [...busy, one('127.0.0.1', 9, true)], 'refuse'],
  ['this machine may have many', local, [one('127.0.0.1', 1), one('127.0.0.1', 2)], null],
  [
    'a client whose connections are all busy is refused',
    newcomer,
    [one('192.0.2.9', 5, true), one('192.0.2.9', 6, true)],
    'refuse',
  ],
] as const) {
  test(name, () => {
    const admission = admit(who, open, limits)
    const found = admission.kind === 'admit' ? (admission.close?.usedAtMs ?? null) : 'refuse'
    assert.equal(found, result)
  })
}
