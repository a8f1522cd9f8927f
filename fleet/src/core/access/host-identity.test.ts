import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identityOf, refusalOf, type PresentedKey } from './host-identity.ts'

const lookups = new Map([
  ['pi-1', '10.0.0.1'],
  ['pi-2', '10.0.0.2'],
  ['pi-3', '10.0.0.3'],
])

function presents(device: string, key: string): PresentedKey {
  const lookup = lookups.get(device) ?? ''
  return { device, lookup, key: `ssh-ed25519 ${key}`, fingerprint: `SHA256:${key}` }
}

const pins = ['10.0.0.1 ssh-ed25519 one', '10.0.0.2,pi-2 ssh-ed25519 two', ''].join('\n')

function judged(text: string, ...all: readonly PresentedKey[]): string[] {
  return all.map((each) => {
    const identity = identityOf(each, all, { text, lookups })
    return refusalOf(each.device, identity)?.what ?? identity.kind
  })
}

const cases: readonly (readonly [
  what: string,
  text: string,
  all: PresentedKey[],
  wanted: string[],
])[] = [
  ['a key that nobody has seen is new', pins, [presents('pi-3', 'three')], ['new']],
  ['one that is pinned for it is known', pins, [presents('pi-2', 'two')], ['pinned']],
  [
    'another one than is pinned is refused',
    pins,
    [presents('pi-1', 'other')],
    ['pi-1 presents another host key than the one that is pinned'],
  ],
  [
    'a key that is pinned for another device is refused, with its name',
    pins,
    [presents('pi-3', 'one')],
    ['pi-3 presents the host key of pi-1: it is that device, or its SD card is a copy'],
  ],
  [
    'devices that have swapped their addresses are both named',
    pins,
    [presents('pi-1', 'two'), presents('pi-2', 'one')],
    ['pi-1 and pi-2 have swapped their addresses', 'pi-2 and pi-1 have swapped their addresses'],
  ],
  [
    'copies of an SD card are both refused',
    '',
    [presents('pi-1', 'same'), presents('pi-2', 'same')],
    [
      'pi-1 and pi-2 present the same host key: their SD cards are copies',
      'pi-1 and pi-2 present the same host key: their SD cards are copies',
    ],
  ],
  [
    'the key of a revoked device is refused under every name',
    '@revoked * ssh-ed25519 lost\n',
    [presents('pi-1', 'lost')],
    ['pi-1 presents the host key of a device that was revoked'],
  ],
]

for (const [what, text, all, wanted] of cases) {
  test(what, () => assert.deepEqual(judged(text, ...all), wanted))
}
