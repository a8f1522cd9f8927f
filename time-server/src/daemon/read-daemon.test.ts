import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Daemon } from '../observe.ts'
import { aSystem, threePeers } from '../test/a-look.ts'
import { askingAgain } from './read-daemon.ts'

const steady: Daemon = {
  kind: 'ntpd',
  through: 'control',
  system: aSystem(),
  peers: threePeers(),
  unreadPeers: 0,
}
const between: Daemon = { ...steady, system: aSystem({ refid: '192.0.2.2' }) }

for (const [name, answers, asked] of [
  ['a daemon that goes over to another source between two questions', [between, steady], 2],
  ['a daemon that contradicts itself again', [between, between], 2],
  ['a daemon that does not', [steady], 1],
] as const) {
  test(`${name} is asked ${asked} times, and its last answer counts`, async () => {
    let count = 0
    const ask = askingAgain(async () => {
      count += 1
      return { ok: true, value: answers[count - 1] ?? steady }
    })
    assert.deepEqual(await ask(), { ok: true, value: answers.at(-1) })
    assert.equal(count, asked)
  })
}
